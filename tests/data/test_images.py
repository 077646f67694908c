"""Any image people have is read, and stimuli keep the pixels that fixations refer to."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from samjax.data.images import check_image, decode_density, decode_stimulus, read_photo
from samjax.errors import UserError


def file_bytes(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def gradient(height: int = 24, width: int = 32) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.stack([8 * x, 10 * y, 255 - 8 * x], -1).astype(np.uint8)


@pytest.fixture
def saved(tmp_path):
    def save(image: Image.Image, format: str = "PNG", **options):
        path = tmp_path / f"photo.{format.lower()}"
        image.save(path, format, **options)
        return path

    return save


def test_a_png_is_read_exactly(saved):
    image = gradient()
    np.testing.assert_array_equal(read_photo(saved(Image.fromarray(image))), image)
    np.testing.assert_array_equal(decode_stimulus(file_bytes(Image.fromarray(image))), image)


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM"])
def test_other_formats_are_read_nearly(saved, format):
    path = saved(Image.fromarray(gradient()), format)
    for image in (read_photo(path), decode_stimulus(path.read_bytes())):
        assert image.dtype == np.uint8
        assert image.shape == (24, 32, 3)
        assert np.abs(image.astype(int) - gradient()).mean() < 8


def test_grey_has_three_equal_channels(saved):
    grey = gradient()[..., 0]
    for image in (
        read_photo(saved(Image.fromarray(grey))),
        decode_stimulus(file_bytes(Image.fromarray(grey))),
    ):
        np.testing.assert_array_equal(image, np.repeat(grey[..., None], 3, -1))


def test_one_bit_is_black_and_white(saved):
    image = read_photo(saved(Image.fromarray(gradient()[..., 0]).convert("1")))
    assert set(np.unique(image)) == {0, 255}


def test_alpha_lies_over_white(saved):
    rgba = np.dstack([gradient(), np.zeros((24, 32), np.uint8)])
    assert (read_photo(saved(Image.fromarray(rgba))) == 255).all()
    rgba[..., 3] = 255
    np.testing.assert_array_equal(read_photo(saved(Image.fromarray(rgba))), gradient())


def test_a_palette_and_its_transparent_colour_are_resolved(saved):
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    assert (read_photo(saved(palette)) == (10, 200, 30)).all()
    assert (read_photo(saved(palette, transparency=1)) == 255).all()


def test_cmyk_keeps_its_colours(saved):
    red = Image.new("RGB", (16, 16), (220, 30, 20)).convert("CMYK")
    for image in (
        read_photo(saved(red, "JPEG")),
        decode_stimulus(file_bytes(red, "JPEG")),
    ):
        assert np.abs(image.astype(int) - (220, 30, 20)).max() < 12


def test_sixteen_bits_are_scaled_to_eight(saved):
    grey = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    image = read_photo(saved(Image.fromarray(grey)))
    np.testing.assert_array_equal(image[..., 0].ravel(), np.arange(256))


def test_exif_turns_a_photo_but_not_a_stimulus(saved):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    path = saved(Image.fromarray(gradient()), "JPEG", exif=exif)
    assert read_photo(path).shape == (32, 24, 3)
    assert decode_stimulus(path.read_bytes()).shape == (24, 32, 3)


def test_one_pixel_is_an_image(saved):
    path = saved(Image.new("RGB", (1, 1), (1, 2, 3)))
    assert read_photo(path).tolist() == [[[1, 2, 3]]]
    assert decode_stimulus(path.read_bytes()).tolist() == [[[1, 2, 3]]]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_file_is_refused(tmp_path, format):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    data = file_bytes(Image.fromarray(noise), format)
    path = tmp_path / "cut"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(UserError, match="cut"):
        read_photo(path)
    for read in (check_image, decode_stimulus, decode_density):
        with pytest.raises(UserError):
            read(path.read_bytes())


@pytest.mark.parametrize("data", [b"", b"no image at all", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_image_is_refused(tmp_path, data):
    (tmp_path / "text.jpg").write_bytes(data)
    with pytest.raises(UserError, match=r"text\.jpg"):
        read_photo(tmp_path / "text.jpg")
    for read in (decode_stimulus, decode_density, check_image):
        with pytest.raises(UserError):
            read(data)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="none"):
        read_photo(tmp_path / "none.jpg")


def test_a_density_keeps_sixteen_bits():
    grey = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    density = decode_density(file_bytes(Image.fromarray(grey)))
    assert density.dtype == np.float32
    np.testing.assert_array_equal(density, grey)


def test_a_density_saved_in_colour_is_its_mean():
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    for mode in ("RGB", "RGBA", "LA"):
        density = decode_density(file_bytes(Image.fromarray(grey).convert(mode)))
        np.testing.assert_allclose(density, grey)


@pytest.mark.parametrize("ending", [".png", ".tiff", ".bmp", ".jpg"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_density_has_the_values_that_opencv_wrote(ending, dtype):
    grey = np.linspace(0, np.iinfo(dtype).max, 600).reshape(20, 30).astype(dtype)
    if dtype == np.uint16 and ending in (".bmp", ".jpg"):
        pytest.skip("these have 8 bit")
    data = cv2.imencode(ending, grey)[1].tobytes()
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(decode_density(data), expected)

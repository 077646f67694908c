"""Cut pictures: the right pixels, in the photograph's own format, upright, with its profile."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from samjax.analysis.crop import Crop
from samjax.analysis.cutting import SAVED_AS, write_crops
from samjax.analysis.shapes import read_shape
from samjax.analysis.windows import Window
from samjax.errors import UserError

WINDOW = Window(4, 6, 16, 12)


def cut(photo, shape="4:3", window=WINDOW):
    crop = Crop(read_shape(shape), window, 1.0, 1.0, True)
    targets = {(ending, "a"): photo.parent / "out" / f"cut{ending}" for ending in SAVED_AS}
    return write_crops(photo, {"a": crop}, targets)["a"]


def pixels(rng, mode="RGB"):
    return Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8)).convert(mode)


@pytest.mark.parametrize(
    ("name", "mode", "ending"),
    [
        ("a.png", "RGB", ".png"),
        ("a.png", "RGBA", ".png"),
        ("a.png", "P", ".png"),
        ("a.png", "1", ".png"),
        ("a.tif", "CMYK", ".tif"),
        ("a.bmp", "RGB", ".png"),
        ("a.gif", "P", ".png"),
    ],
)
def test_a_part_has_exactly_the_pixels_of_the_photograph(tmp_path, rng, name, mode, ending):
    picture = pixels(rng, mode)
    picture.save(tmp_path / name)
    file = cut(tmp_path / name)
    assert file.suffix == ending
    expected = picture.crop((4, 6, 20, 18))
    with Image.open(file) as part:
        np.testing.assert_array_equal(np.asarray(part.convert("RGB")), expected.convert("RGB"))
        assert part.mode == mode


def test_sixteen_bits_stay(tmp_path, rng):
    deep = rng.integers(0, 2**16, (30, 40)).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")
    with Image.open(cut(tmp_path / "a.png")) as part:
        np.testing.assert_array_equal(np.asarray(part), deep[6:18, 4:20])


@pytest.mark.parametrize(("orientation", "upright"), [(3, 2), (6, 3), (8, 1)])
def test_a_photograph_is_cut_as_people_see_it(tmp_path, rng, orientation, upright):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = pixels(rng)
    picture.save(tmp_path / "a.png", exif=exif)
    expected = np.rot90(np.asarray(picture), upright)[6:18, 4:20]
    with Image.open(cut(tmp_path / "a.png")) as part:
        np.testing.assert_array_equal(np.asarray(part), expected)
        assert not part.getexif()


@pytest.mark.parametrize("quality", [30, 95])
def test_a_jpeg_keeps_its_quality_and_profile(tmp_path, rng, quality):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / "a.jpeg"
    pixels(rng).save(path, quality=quality, subsampling=0, icc_profile=profile)
    with Image.open(path) as photo, Image.open(cut(path)) as part:
        assert part.quantization == photo.quantization
        assert part.info["icc_profile"] == profile
        assert part.layer == photo.layer  # the sampling of the colours


@pytest.mark.parametrize("mode", ["RGB", "P", "1", "RGBA"])
def test_a_size_is_what_is_written(tmp_path, rng, mode):
    pixels(rng, mode).save(tmp_path / "a.png")
    for shape, size in (("8x6", (8, 6)), ("32x24", (32, 24)), ("16x12", (16, 12))):
        with Image.open(cut(tmp_path / "a.png", shape)) as part:
            assert part.size == size


def test_scaling_averages_the_window_and_nothing_else(tmp_path):
    picture = np.zeros((30, 40, 3), np.uint8)
    picture[6:18, 4:20] = 200
    Image.fromarray(picture).save(tmp_path / "a.png")
    with Image.open(cut(tmp_path / "a.png", "4x3")) as part:
        assert (np.asarray(part) == 200).all()


def test_a_broken_photograph_is_named_and_leaves_nothing(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    with pytest.raises(UserError, match=r"a.jpg: cannot be cut"):
        cut(tmp_path / "a.jpg")
    assert not (tmp_path / "out").exists()

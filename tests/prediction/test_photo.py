"""Files, Pillow images and arrays are the same pixels."""

import numpy as np
import pytest
from PIL import Image

from samjax.errors import UserError
from samjax.prediction.photo import read_pixels


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "CMYK", "P", "1"])
def test_a_pillow_image_gives_the_pixels_of_its_file(tmp_path, rng, mode):
    image = Image.fromarray(rng.integers(0, 256, (7, 9, 3), np.uint8)).convert(mode)
    image.save(tmp_path / "a.tif")
    with Image.open(tmp_path / "a.tif") as opened:
        from_image = read_pixels(opened)
    np.testing.assert_array_equal(from_image, read_pixels(tmp_path / "a.tif"))
    np.testing.assert_array_equal(from_image, read_pixels(str(tmp_path / "a.tif")))
    assert (from_image.shape, from_image.dtype) == ((7, 9, 3), np.uint8)


def test_a_pillow_image_is_turned_as_its_exif_data_say(rng):
    pixels = rng.integers(0, 256, (7, 9, 3), np.uint8)
    image = Image.fromarray(pixels)
    image.getexif()[0x0112] = 6  # the row 0 is the right-hand side
    np.testing.assert_array_equal(read_pixels(image), np.rot90(pixels, -1))


def test_an_array_is_taken_as_it_is(rng):
    pixels = rng.integers(0, 256, (7, 9, 3), np.uint8)
    assert read_pixels(pixels) is pixels


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((1, 7, 9, 3), np.uint8),
        np.zeros((7, 9), np.uint8),
        np.zeros((7, 9, 4), np.uint8),
        np.zeros((7, 9, 3), np.float32),
        np.zeros((0, 9, 3), np.uint8),
    ],
)
def test_other_arrays_are_refused(image):
    with pytest.raises(UserError, match=r"give RGB uint8 \[H, W, 3\]") as error:
        read_pixels(image)
    assert str(image.shape) in str(error.value)


def test_other_things_and_missing_files_are_refused(tmp_path):
    with pytest.raises(UserError, match="not a list"):
        read_pixels([[1, 2], [3, 4]])
    with pytest.raises(UserError, match=r"missing\.png: cannot be read as an image"):
        read_pixels(tmp_path / "missing.png")

"""Arrays are turned as Pillow turns pictures, and back."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from samjax.data.orientation import TAG, exchanges_sides, orientation_of, turned, turned_back


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_array_is_turned_as_the_picture(rng, orientation):
    pixels = rng.integers(0, 256, (5, 7, 3), np.uint8)
    image = Image.fromarray(pixels)
    image.getexif()[TAG] = orientation
    assert orientation_of(image) == orientation
    expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(turned(pixels, orientation), expected)
    np.testing.assert_array_equal(turned_back(expected, orientation), pixels)
    assert exchanges_sides(orientation) == (expected.shape != pixels.shape)


@pytest.mark.parametrize("value", [0, 9, "a", 1.5])
def test_an_odd_orientation_is_none(value):
    class Odd:
        def getexif(self):
            return {TAG: value}

    assert orientation_of(Odd()) == 1


def test_damaged_exif_data_turn_nothing():
    class Damaged:
        def getexif(self):
            raise SyntaxError("not a TIFF file")

    assert orientation_of(Damaged()) == 1

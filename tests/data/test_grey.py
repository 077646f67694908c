"""Grey levels of an array with channels, and colours that are refused."""

import cv2
import numpy as np
import pytest

from samjax.data.grey import to_grey
from samjax.data.images import decode_levels
from samjax.errors import UserError
from samjax.pictures.heatmap import heatmap, overlay


@pytest.fixture
def level(rng):
    noise = rng.random((24, 32), np.float32)
    return np.rint(255 * cv2.GaussianBlur(noise, (0, 0), 3)).astype(np.uint8)


def test_equal_channels_are_one_grey(level):
    for array in (
        level,
        level[..., None],
        level[None],
        np.stack([level] * 3, -1),
        np.stack([level] * 3, 0),
        np.stack([level] * 3 + [0 * level], -1),
        np.stack([level, 0 * level], -1),
    ):
        grey = to_grey(array)
        assert grey.dtype == np.float32
        np.testing.assert_array_equal(grey, level)


def test_jpeg_may_tint_grey(level):
    data = cv2.imencode(".jpg", np.stack([level] * 3, -1), [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    assert np.abs(to_grey(decode_levels(data.tobytes())) - level).max() < 12


def test_colours_are_refused(level, rng):
    photo = rng.integers(0, 256, (24, 32, 3), np.uint8)
    pictures = [
        cv2.applyColorMap(level, cv2.COLORMAP_JET),
        heatmap(level.astype(np.float32)),
        overlay(photo, level.astype(np.float32)),
        cv2.applyColorMap(level, cv2.COLORMAP_VIRIDIS).astype(np.float64) / 255,
        np.moveaxis(cv2.applyColorMap(level, cv2.COLORMAP_HOT), -1, 0),
    ]
    for picture in pictures:
        with pytest.raises(UserError, match="is in colours"):
            to_grey(picture)


@pytest.mark.parametrize("shape", [(5,), (), (0, 4), (4, 5, 6, 7), (9, 9, 9)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(UserError, match="has the shape"):
        to_grey(np.zeros(shape))


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 1)])
def test_a_row_of_pixels_is_a_map(shape):
    assert to_grey(np.ones(shape)).shape == shape

"""Maps of another size than their image."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from scipy.ndimage import zoom

from samjax.errors import UserError
from samjax.evaluation.map_resizing import to_image_size

FILE = cv2.imencode(".png", np.zeros((20, 30, 3), np.uint8))[1].tobytes()
IMAGE = SimpleNamespace(height=40, width=60, image=FILE)


def cubic(t):
    """The kernel of MATLAB's imresize, a = -1/2."""
    t = abs(t)
    near = 1.5 * t**3 - 2.5 * t**2 + 1
    far = -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    return np.where(t <= 1, near, np.where(t <= 2, far, 0))


def along(size, to):
    """[to, size] weights of imresize along one axis."""
    scale = min(to / size, 1)
    centres = (np.arange(to) + 0.5) * size / to - 0.5
    weights = cubic((centres[:, None] - np.arange(size)) * scale)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("size", [(20, 30), (80, 120), (23, 61)])
def test_mit_resizes_as_imresize(rng, size):
    saliency = rng.random(size).astype(np.float32)
    expected = along(size[0], 40) @ saliency @ along(size[1], 60).T
    got = to_image_size(saliency, IMAGE, "mit", "a.npy")
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_salicon_resizes_as_zoom(rng):
    saliency = rng.random((20, 30)).astype(np.float32)
    got = to_image_size(saliency, IMAGE, "salicon", "a.npy")
    np.testing.assert_allclose(got, zoom(saliency, 2, order=3), atol=1e-6)


def test_right_size_is_untouched_and_tuebingen_takes_no_other(rng):
    saliency = rng.random((40, 60)).astype(np.float32)
    for convention in ("mit", "tuebingen", "salicon"):
        assert to_image_size(saliency, IMAGE, convention, "a.npy") is saliency
    with pytest.raises(UserError, match=r"a\.npy"):
        to_image_size(saliency[1:], IMAGE, "tuebingen", "a.npy")


def test_tuebingen_takes_maps_of_the_files_size_where_files_are_smaller_than_what_was_shown():
    ramp = np.tile(np.arange(30, dtype=np.float32), (20, 1))
    got = to_image_size(ramp, IMAGE, "tuebingen", "a.npy")
    assert got.shape == (40, 60)
    np.testing.assert_allclose(got.sum(), ramp.sum(), rtol=1e-6)
    expected = np.tile((np.arange(1, 59) - 0.5) / 2, (40, 1)) / 4
    np.testing.assert_allclose(got[:, 1:-1], expected, rtol=1e-6)

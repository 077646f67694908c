"""From the network's frame to the original image."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.prediction.postprocess import paper_map, to_original


def released(pred, shape_r, shape_c):
    """The release's postprocess_predictions, in its own steps."""
    rows, columns = pred.shape
    pred = pred / np.max(pred) * 255
    if shape_r / rows > shape_c / columns:
        new = columns * shape_r // rows
        pred = cv2.resize(pred, (new, shape_r))
        start = (new - shape_c) // 2
        image = pred[:, start : start + shape_c]
    else:
        new = rows * shape_c // columns
        pred = cv2.resize(pred, (shape_c, new))
        start = (new - shape_r) // 2
        image = pred[start : start + shape_r]
    image = gaussian_filter(image, sigma=7)
    return image / np.max(image) * 255


@pytest.mark.parametrize("size", [(90, 160), (200, 90), (60, 80), (31, 57), (480, 640)])
def test_paper_map_equals_the_release(rng, size):
    on_canvas = gaussian_filter(rng.random((60, 80)), 2)
    np.testing.assert_allclose(paper_map(on_canvas, *size), released(on_canvas, *size), rtol=1e-6)


def test_extreme_sizes_are_cheap(rng):
    on_canvas = rng.random((60, 80))
    for size in ((1, 1), (20_000, 1), (1, 20_000)):
        for way in ("none", "paper"):
            image = to_original(on_canvas, *size, density=True, postprocess=way)
            assert image.shape == size
            assert np.isfinite(image).all()


def test_density_sums_to_one_over_the_image(rng):
    on_canvas = rng.random((60, 80)).astype(np.float32)
    for size in ((300, 100), (37, 800)):
        image = to_original(on_canvas, *size, density=True)
        assert image.dtype == np.float32
        assert image.sum(dtype=np.float64) == pytest.approx(1, abs=1e-5)


def test_blank_map_stays_blank():
    blank = np.zeros((6, 8), np.float32)
    for way in ("none", "paper"):
        assert not to_original(blank, 30, 50, density=False, postprocess=way).any()


def test_map_that_is_not_finite_is_refused():
    with pytest.raises(UserError, match="finite"):
        to_original(np.full((6, 8), np.nan), 30, 50, density=False)

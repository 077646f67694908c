"""The paper's resizing against its definition, and what both modes have in common."""

import numpy as np
import pytest

from samjax.data.resize_mode import RESIZE_MODES, to_canvas


def bilinear(image: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Half-pixel bilinear interpolation with clamped edges, in float64."""
    out = image.astype(np.float64)
    for axis, size in ((0, rows), (1, columns)):
        n = out.shape[axis]
        at = np.clip((np.arange(size) + 0.5) * n / size - 0.5, 0, n - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, n - 1)
        weight = (at - low).reshape(-1, *(1,) * (2 - axis))
        out = np.take(out, low, axis) * (1 - weight) + np.take(out, high, axis) * weight
    return out


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((300, 400), (0, 0, 24, 32)),
        ((100, 300), (7, 0, 10, 32)),
        ((301, 100), (0, 12, 24, 7)),
        ((11, 13), (0, 2, 24, 28)),
    ],
)
def test_the_papers_resizing_is_its_definition(rng, size, box):
    image = rng.integers(0, 256, (*size, 3)).astype(np.uint8)
    top, left, rows, columns = box
    on_canvas = to_canvas(image, 24, 32, "paper")
    inside = on_canvas[top : top + rows, left : left + columns].astype(float)
    # OpenCV interpolates bytes in fixed point, which rounds to the next grey level.
    np.testing.assert_allclose(inside, bilinear(image, rows, columns), atol=1.0)
    assert on_canvas.astype(int).sum() == inside.sum()


@pytest.mark.parametrize("resize_mode", RESIZE_MODES)
@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1)])
def test_extreme_sizes_have_a_canvas(resize_mode, size):
    on_canvas = to_canvas(np.full((*size, 3), 200, np.uint8), 24, 32, resize_mode)
    assert on_canvas.shape == (24, 32, 3)
    assert on_canvas.max() == 200

"""Maps at the size of their image, rows at a time: as the plain formula says in float64."""

import numpy as np
import pytest

from samjax.data.enlarged import Enlarged, unletterbox
from samjax.data.geometry import letterbox

SIZES = ((300, 400), (37, 800), (500, 41), (5, 9), (1, 300), (300, 1), (61, 80))


def plain(on_canvas, height, width):
    """Bilinear interpolation at the centre of each pixel, in float64."""
    rows, columns = on_canvas.shape
    window = letterbox(height, width, rows, columns)
    top, left, h, w = window.content_box(rows, columns)
    content = on_canvas[top : top + h, left : left + w].astype(np.float64)
    y = ((np.arange(height) + 0.5) / height - window.top) / window.height * rows - 0.5 - top
    x = ((np.arange(width) + 0.5) / width - window.left) / window.width * columns - 0.5 - left
    across = np.stack([np.interp(x, np.arange(w), row) for row in content])
    return np.stack([np.interp(y, np.arange(h), column) for column in across.T], axis=1)


@pytest.mark.parametrize("size", SIZES)
def test_values_and_summary_are_those_of_the_plain_formula(rng, monkeypatch, size):
    monkeypatch.setattr("samjax.files.limits.STRIP", 1000)
    on_canvas = rng.random((60, 80)).astype(np.float32)
    expected = plain(on_canvas, *size)
    enlarged = Enlarged(on_canvas, *size)
    # A few roundings to float32 of values up to 1.
    np.testing.assert_allclose(np.asarray(enlarged), expected, rtol=0, atol=1e-6)
    assert enlarged.min() == pytest.approx(expected.min(), abs=1e-6)
    assert enlarged.max() == pytest.approx(expected.max(), abs=1e-6)
    assert enlarged.sum() == pytest.approx(expected.sum(), rel=1e-6)
    halved = np.asarray(enlarged / 2)
    np.testing.assert_allclose(halved, expected / 2, rtol=0, atol=1e-6)


def test_rows_are_those_of_the_whole(rng):
    on_canvas = rng.random((60, 80))
    whole = unletterbox(on_canvas, 200, 300)
    assert whole.dtype == np.float64
    enlarged = Enlarged(on_canvas, 200, 300)
    for rows in (slice(0, 7), slice(3, 150), slice(199, 200)):
        np.testing.assert_array_equal(enlarged[rows], whole[rows])

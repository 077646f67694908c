"""Letterboxed and back again, points and maps keep their places."""

import cv2
import numpy as np
import pytest
from markers import blob, centroid

from samjax.data.enlarged import unletterbox
from samjax.data.geometry import cover, letterbox, to_grid

SIZES = [(60, 80), (61, 83), (33, 97), (120, 31), (480, 640), (7, 200)]
CANVASES = [(60, 80), (45, 80), (33, 35)]


@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize("size", SIZES)
def test_letterbox_keeps_aspect_and_centre(size, canvas):
    window = letterbox(*size, *canvas)
    corners = np.array([[-0.5, -0.5], [size[1] - 0.5, size[0] - 0.5]])
    (left, top), (right, bottom) = window.move_points(corners, *size, *canvas)
    assert (right - left) / (bottom - top) == pytest.approx(size[1] / size[0])
    assert left + right == pytest.approx(canvas[1] - 1)
    assert top + bottom == pytest.approx(canvas[0] - 1)
    assert min(window.width, window.height) == 1


@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize("size", SIZES)
def test_every_point_of_an_image_falls_on_its_mask(size, canvas, rng):
    window = letterbox(*size, *canvas)
    points = rng.uniform(-0.5, np.array(size[::-1]) - 0.5, (500, 2))
    points[:2] = [[-0.5, -0.5], np.nextafter(np.array(size[::-1]) - 0.5, 0)]
    counts = window.count_points(points, *size, *canvas)
    assert counts.sum() == 500
    assert counts[~window.mask(*canvas)].sum() == 0


@pytest.mark.parametrize("size", SIZES)
def test_letterbox_and_back_returns_points_within_half_a_pixel(size, rng):
    """Half a pixel of the canvas, measured by a smooth marker, there and back."""
    canvas = (60, 80)
    height, width = size
    scale = max(height / canvas[0], width / canvas[1], 1)
    for u, v in rng.uniform(0.3, 0.7, (3, 2)):
        x, y = u * width - 0.5, v * height - 0.5
        image = blob(height, width, x, y, 1.5 * scale).astype(np.float32)
        on_canvas = letterbox(*size, *canvas).render(image, *canvas)
        back = unletterbox(on_canvas, *size)
        assert back.shape == size
        assert np.abs(centroid(back) - centroid(image)).max() < 0.5 * scale


@pytest.mark.parametrize("size", SIZES)
def test_unletterbox_does_not_see_the_padding(size):
    on_canvas = np.where(letterbox(*size, 60, 80).mask(60, 80), 2.0, 99.0)
    np.testing.assert_allclose(unletterbox(on_canvas, *size), 2.0)


def test_unletterbox_of_a_full_canvas_is_a_bilinear_resize(rng):
    on_canvas = rng.random((15, 20)).astype(np.float32)
    resized = cv2.resize(on_canvas, (160, 120), interpolation=cv2.INTER_LINEAR)
    back = unletterbox(on_canvas, 120, 160)
    assert back.dtype == np.float32
    # Both in float32, on values up to 1: OpenCV also rounds the places where it samples.
    np.testing.assert_allclose(back, resized, atol=1e-5)


def test_unletterbox_is_exact_for_a_ramp_at_any_grid():
    """The content's place depends on the aspect alone, not on how coarse the map is."""
    for h, w in [(60, 80), (15, 20), (30, 40)]:
        window = letterbox(100, 300, h, w)
        columns = (np.arange(w) + 0.5) / w * window.width + window.left
        back = unletterbox(np.tile(columns, (h, 1)), 100, 300)
        ramp = (np.arange(300) + 0.5) / 300
        inner = slice(20, -20)  # beyond it the interpolation is clamped
        np.testing.assert_allclose(back[50, inner], ramp[inner], atol=1e-12)


@pytest.mark.parametrize("size", [*SIZES, (1, 1), (1, 500), (900, 1)])
@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_padding_is_zero_and_content_is_not(size, channels):
    image = np.full((*size, *channels), 200, np.uint8)
    window = letterbox(*size, 24, 32)
    on_canvas = window.render(image, 24, 32)
    assert on_canvas.shape == (24, 32, *channels)
    mask = window.mask(24, 32)
    assert mask.any()
    assert (on_canvas[mask] == 200).all()
    assert (on_canvas[~mask] == 0).all()


def test_cover_leaves_no_padding_and_letterbox_leaves_nothing_out():
    for size in ((61, 93), (90, 64)):
        assert cover(*size, 60, 80).mask(60, 80).all()
        corners = np.array([[0, 0], [size[1] - 1, size[0] - 1]])
        assert letterbox(*size, 60, 80).count_points(corners, *size, 60, 80).sum() == 2


def test_points_of_another_grid_lie_on_the_same_content(rng):
    points = rng.uniform(-0.5, (79.5, 59.5), (50, 2))
    moved = to_grid(points, (60, 80), (30, 20))
    assert moved.dtype == np.float64
    np.testing.assert_allclose((moved + 0.5) / (20, 30), (points + 0.5) / (80, 60), rtol=1e-14)
    np.testing.assert_allclose(to_grid(moved, (30, 20), (60, 80)), points, atol=1e-12)
    # The corners of the picture, and the centre of a pixel that is now four.
    np.testing.assert_array_equal(to_grid([[-0.5, 59.5]], (60, 80), (30, 40)), [[-0.5, 29.5]])
    np.testing.assert_array_equal(to_grid([[3, 2]], (60, 80), (120, 160)), [[6.5, 4.5]])
    assert to_grid(np.zeros((0, 2), np.float32), (60, 80), (30, 40)).shape == (0, 2)

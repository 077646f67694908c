"""One geometry for images, points and maps: what is marked stays marked."""

import numpy as np
import pytest

from samjax.data.geometry import letterbox, unletterbox
from samjax.data.window import Window

SIZES = [(60, 80), (61, 83), (33, 97), (120, 31), (480, 640), (7, 200)]
CANVASES = [(60, 80), (45, 80), (33, 35)]
WINDOWS = [
    Window(0, 0, 1, 1),
    Window(0.13, 0.21, 0.61, 0.57),
    Window(-0.31, -0.12, 1.5, 1.4, flip=True),
    Window(-0.2, 0.4, 0.9, 0.9),
    Window(0.137, 0.0, 0.5, 1.3, flip=True),
]


def blob(height: int, width: int, x: float, y: float, sigma: float) -> np.ndarray:
    rows, columns = np.arange(height)[:, None], np.arange(width)
    return np.exp(-0.5 * (((columns - x) / sigma) ** 2 + ((rows - y) / sigma) ** 2))


def centroid(image: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(image.shape)
    return np.array([(image * columns).sum(), (image * rows).sum()]) / image.sum()


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize("size", [(60, 80), (61, 83), (240, 320), (97, 201)])
def test_a_marker_and_its_point_move_together(window, canvas, size):
    """The marker sits in the middle of what the window shows."""
    height, width = size
    u = (max(window.left, 0) + min(window.left + window.width, 1)) / 2
    v = (max(window.top, 0) + min(window.top + window.height, 1)) / 2
    point = np.array([[u * width - 0.5 + 0.3, v * height - 0.5 - 0.2]])
    step = max(window.width * width / canvas[1], window.height * height / canvas[0])
    sigma = max(2.0, step)
    image = blob(height, width, *point[0], sigma).astype(np.float32)
    moved = window.move_points(point, height, width, *canvas)[0]
    np.testing.assert_allclose(centroid(window.render(image, *canvas)), moved, atol=0.1)


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


def test_counts_are_the_number_of_points_in_the_frame(rng):
    points = rng.uniform(0, (79, 59), (300, 2))
    for window in WINDOWS:
        moved = window.move_points(points, 60, 80, 15, 20)
        inside = ((moved >= -0.5) & (moved < (19.5, 14.5))).all(axis=1).sum()
        assert window.count_points(points, 60, 80, 15, 20).sum() == inside
    assert WINDOWS[0].count_points(np.repeat([[3.0, 4.0]], 7, 0), 60, 80, 60, 80)[4, 3] == 7
    assert WINDOWS[0].count_points(np.zeros((0, 2)), 60, 80, 15, 20).sum() == 0


@pytest.mark.parametrize("size", SIZES)
def test_letterbox_and_back_returns_points_within_half_a_pixel(size, rng):
    """Of the frame, measured by a smooth marker through the pixels, both ways."""
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


def test_unletterbox_of_a_full_frame_is_a_bilinear_resize(rng):
    import cv2

    on_canvas = rng.random((15, 20)).astype(np.float32)
    resized = cv2.resize(on_canvas, (160, 120), interpolation=cv2.INTER_LINEAR)
    back = unletterbox(on_canvas, 120, 160)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, resized, atol=1e-5)


def test_unletterbox_is_exact_for_a_ramp_at_any_grid():
    """The content's place depends on the aspect alone, not on how coarse the map is."""
    for h, w in [(60, 80), (15, 20), (30, 40)]:
        window = letterbox(100, 300, h, w)
        columns = (np.arange(w) + 0.5) / w * window.width + window.left
        back = unletterbox(np.tile(columns, (h, 1)), 100, 300)
        inner = slice(20, -20)
        np.testing.assert_allclose(
            back[50, inner], ((np.arange(300) + 0.5) / 300)[inner], atol=1e-12
        )


def test_render_of_the_whole_at_its_size_is_the_image(rng):
    image = rng.integers(0, 255, (31, 47, 3), np.uint8)
    np.testing.assert_array_equal(Window(0, 0, 1, 1).render(image, 31, 47), image)
    mirrored = Window(0, 0, 1, 1, flip=True).render(image, 31, 47)
    np.testing.assert_array_equal(mirrored, image[:, ::-1])


def test_shrinking_averages_over_area(rng):
    image = rng.random((40, 60)).astype(np.float32)
    blocks = image.reshape(10, 4, 15, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(Window(0, 0, 1, 1).render(image, 10, 15), blocks, atol=1e-6)


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


def test_a_window_beside_the_stimulus_is_blank():
    window = Window(2.0, 0.0, 1.0, 1.0)
    assert not window.render(np.full((9, 9, 3), 200, np.uint8), 6, 6).any()
    assert not window.mask(6, 6).any()


@pytest.mark.parametrize("window", WINDOWS[1:])
def test_a_snapped_window_is_close_and_cuts_whole_pixels(window):
    snapped = window.snap(97, 131, 24, 32)
    corners = np.array([[-0.5, -0.5], [130.5, 96.5]])
    exact = window.move_points(corners, 97, 131, 24, 32)
    np.testing.assert_allclose(snapped.move_points(corners, 97, 131, 24, 32), exact, atol=1.5)
    height, width = snapped.content_box(24, 32)[2:]
    first = max(snapped.left, 0) * 131, max(snapped.top, 0) * 97
    np.testing.assert_allclose(first, np.rint(first), atol=1e-6)
    edge = -snapped.left / snapped.width * 32
    assert edge < 0 or edge == pytest.approx(round(edge))
    assert height > 0
    assert width > 0

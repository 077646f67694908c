"""What is marked on an image stays marked on the canvas, whatever the window shows."""

from dataclasses import replace

import numpy as np
import pytest
from markers import blob, centroid

from samjax.data.geometry import cover, letterbox
from samjax.data.window import Window

CANVASES = [(60, 80), (45, 80), (33, 35)]
WINDOWS = [
    Window(0, 0, 1, 1),
    Window(0.13, 0.21, 0.61, 0.57),
    Window(-0.31, -0.12, 1.5, 1.4, flip=True),
    Window(-0.2, 0.4, 0.9, 0.9),
    Window(0.137, 0.0, 0.5, 1.3, flip=True),
]


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


def test_counts_are_the_number_of_points_on_the_canvas(rng):
    points = rng.uniform(0, (79, 59), (300, 2))
    for window in WINDOWS:
        moved = window.move_points(points, 60, 80, 15, 20)
        inside = ((moved >= -0.5) & (moved < (19.5, 14.5))).all(axis=1).sum()
        assert window.count_points(points, 60, 80, 15, 20).sum() == inside
    assert WINDOWS[0].count_points(np.repeat([[3.0, 4.0]], 7, 0), 60, 80, 60, 80)[4, 3] == 7
    assert WINDOWS[0].count_points(np.zeros((0, 2)), 60, 80, 15, 20).sum() == 0


def test_render_of_the_whole_at_its_size_is_the_image(rng):
    image = rng.integers(0, 255, (31, 47, 3), np.uint8)
    np.testing.assert_array_equal(Window(0, 0, 1, 1).render(image, 31, 47), image)
    mirrored = Window(0, 0, 1, 1, flip=True).render(image, 31, 47)
    np.testing.assert_array_equal(mirrored, image[:, ::-1])


def test_shrinking_averages_over_area(rng):
    image = rng.random((40, 60)).astype(np.float32)
    blocks = image.reshape(10, 4, 15, 4).mean(axis=(1, 3))
    # Sums of sixteen float32 values up to 1, in any order.
    np.testing.assert_allclose(Window(0, 0, 1, 1).render(image, 10, 15), blocks, atol=2e-6)


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


@pytest.mark.parametrize("size", [(61, 93), (90, 64), (47, 47)])
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("start", [letterbox, cover])
def test_a_turned_fixation_stays_on_its_content(size, flip, start):
    """A bright square painted at a fixation is where the fixation goes."""
    h, w = 60, 80
    for angle in (-20.0, 7.5, 33.0):
        window = replace(start(*size, h, w), flip=flip, angle=angle, aspect=w / h)
        for at in ((0.35, 0.4), (0.6, 0.55)):
            x, y = round(at[0] * size[1]), round(at[1] * size[0])
            image = np.zeros((*size, 3), np.uint8)
            image[y - 1 : y + 2, x - 1 : x + 2] = 255
            canvas = window.render(image, h, w)[..., 0].astype(np.float64)
            moved = window.move_points(np.array([[x, y]]), *size, h, w)[0]
            np.testing.assert_allclose(centroid(canvas), moved, atol=0.5)
            assert window.count_points(np.array([[x, y]]), *size, h, w).sum() == 1

"""Crops: the largest or the smallest window, exactly; focal points that stay on a subject."""

from fractions import Fraction

import numpy as np
import pytest

from samjax.analysis.crop import crop, focal_point
from samjax.analysis.shapes import read_shape, window_sizes
from samjax.errors import UserError


def blob(height, width, y, x, sigma=4.0):
    rows, columns = np.mgrid[:height, :width]
    return np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * sigma**2))


def best_inside(density, size, margin):
    """The most that a window of a size keeps without its margins, by trying all of them."""
    inner = []
    for length, whole in zip(size, density.shape, strict=True):
        inner.append(length - min(int(2 * margin * length), whole - length))
    (h, w), (rows, columns) = inner, density.shape
    sums = (
        density[y : y + h, x : x + w].sum()
        for y in range(rows - h + 1)
        for x in range(columns - w + 1)
    )
    return max(sums) / density.sum()


@pytest.mark.parametrize("margin", [0, 0.05, 0.25])
@pytest.mark.parametrize("shape", ["1:1", "16:9", "3:7"])
def test_the_smallest_window_that_keeps_enough_is_found(rng, shape, margin):
    density = rng.random((23, 29)) ** 6
    sizes = window_sizes(read_shape(shape).ratio, 23, 29)
    best = [best_inside(density, size, margin) for size in sizes]
    for keep in (0.05, 0.3, 0.6, 0.8):
        enough = [size for size, share in zip(sizes, best, strict=True) if share >= keep]
        expected = enough[0] if enough else sizes[-1]
        found = crop(density, shape, margin=margin, keep=keep)
        assert (found.window.height, found.window.width) == expected
        assert found.enough == bool(enough)
        assert found.inside == pytest.approx(best[sizes.index(expected)], abs=1e-12)
        assert found.share >= found.inside - 1e-12
        part = density[found.window.y :, found.window.x :][: expected[0], : expected[1]]
        assert found.share == pytest.approx(part.sum() / density.sum(), abs=1e-12)


def test_a_margin_keeps_a_subject_off_the_edge_where_the_window_cuts():
    density = np.full((20, 80), 1e-7)
    density[10, 30], density[10, 46] = 1, 0.9  # 17 columns apart
    found = crop(density, "1:1", margin=0.05).window  # 20 columns, of which 18 count
    assert found.x + 1 <= 30 < 46 < found.x + 19
    # In 16 columns there is room for one of the two only, and it is not at the edge.
    found = crop(density, "1:1", margin=0.1).window
    assert found.x + 2 <= 30 < found.x + 18
    assert found.x + 18 <= 46


def test_where_the_picture_ends_there_is_no_margin():
    density = np.full((20, 60), 1e-6)
    density[0, 1] = 1
    found = crop(density, "1:1", margin=0.2)
    assert (found.window.x, found.window.y) == (0, 0)
    assert found.inside > 0.99
    assert crop(density, "3:1", margin=0.25).inside == 1  # the whole picture


@pytest.mark.parametrize("margin", [0.03, 0.05, 0.22])
def test_a_mirrored_picture_has_mirrored_crops(rng, margin):
    for _ in range(10):
        density = rng.random((31, 40)) ** 3
        for options in ({}, {"keep": 0.4}):
            x, y, width, height = crop(density, "4:5", margin=margin, **options).window
            mirrored = crop(density[:, ::-1], "4:5", margin=margin, **options).window
            assert mirrored[1:] == (y, width, height)
            # A window of odd width has no place in the very middle of a picture of even width.
            assert abs(mirrored.x - (40 - x - width)) <= (40 - width) % 2
            turned = crop(density.T, "5:4", margin=margin, **options).window
            assert turned == (y, x, height, width)


def test_without_a_share_to_keep_the_window_is_the_largest(rng):
    found = crop(rng.random((30, 40)), "16:9")
    assert found.window[1:] == (found.window.y, 40, 23)
    assert found.enough


def test_a_window_goes_with_its_subject_and_its_mirror_image():
    density = blob(60, 100, 30, 90)
    assert crop(density, "1:1").window.x == 40  # the right end of the picture
    assert crop(density[:, ::-1], "1:1").window.x == 0
    density = blob(60, 100, 30, 80)
    small = crop(density, "1:1", keep=0.9).window
    assert small.width < 30
    assert abs(small.x + small.width / 2 - 80.5) <= 1
    assert abs(small.y + small.height / 2 - 30.5) <= 1


def test_a_scaled_picture_has_the_scaled_window():
    density = blob(30, 50, 12, 33)
    twice = np.kron(density, np.ones((2, 2)))
    assert crop(twice, "1:1", margin=0).window == tuple(
        2 * v for v in crop(density, "1:1", margin=0).window
    )


def test_a_size_is_not_enlarged_unless_that_is_wanted(rng):
    density = blob(60, 100, 30, 50)
    assert crop(density, "40x40", keep=0.01).window.width == 40
    assert crop(density, "40x40").window.width == 60
    with pytest.raises(UserError, match=r"80x80 .* 100x60 .*60x60.*--enlarge"):
        crop(density, "80x80")
    found = crop(density, "80x80", enlarge=True)
    assert found.window.width == 60
    assert found.shape.size == (80, 80)


def test_options_out_of_range_are_refused(rng):
    density = rng.random((9, 9))
    for options in (
        {"margin": 0.3},
        {"margin": -0.1},
        {"keep": 0},
        {"keep": 1.1},
        {"keep": np.nan},
    ):
        with pytest.raises(UserError, match=next(iter(options))):
            crop(density, "1:1", **options)
    assert crop(density, "1:1", margin=0, keep=1).enough


def test_the_focal_point_is_on_the_stronger_of_two_subjects():
    density = blob(60, 120, 20, 100) + 0.8 * blob(60, 120, 45, 15)
    x, y = focal_point(density)
    assert x == pytest.approx(100.5 / 120, abs=0.01)
    assert y == pytest.approx(20.5 / 60, abs=0.01)
    x, _ = focal_point(density[:, ::-1])
    assert x == pytest.approx(1 - 100.5 / 120, abs=0.01)
    assert focal_point(7 * density) == pytest.approx(focal_point(density))


def test_the_focal_point_of_a_flat_map_is_the_centre():
    assert focal_point(np.ones((60, 100))) == (0.5, 0.5)
    assert focal_point(np.zeros((1, 1))) == (0.5, 0.5)


def test_decimal_ratios_are_exact():
    assert read_shape("1.91:1").ratio == Fraction(191, 100)

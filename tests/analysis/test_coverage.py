"""Coverage is exact: against counting fine samples, against areas, and as a partition of pixels."""

import numpy as np
import pytest

from samjax.analysis.area import Area, Mask, Polygon, box, ellipse, grid, polygon
from samjax.analysis.attention import area_shares, cover_areas
from samjax.analysis.coverage import cover
from samjax.analysis.resample import resample
from samjax.errors import UserError

SIZES = [(1, 1), (2, 3), (7, 500), (48, 64), (301, 203)]


def full(area, height, width):
    """The coverage as a map [H, W]."""
    coverage = cover(area, height, width)
    weights = np.zeros((height, width))
    weights[coverage.window] = coverage.weights
    return weights


def fan(rng, height, width, corners):
    """Triangles from a random point to a random partition of the picture's border."""
    marks = np.sort(rng.random(corners)) * 4
    marks = np.unique(np.concatenate([marks, [0, 1, 2, 3]]))
    sides = {
        0: lambda t: (t, 0),
        1: lambda t: (1, t),
        2: lambda t: (1 - t, 1),
        3: lambda t: (0, 1 - t),
    }
    border = np.array([sides[int(m) % 4](m % 1) for m in marks]) * (width, height)
    centre = rng.random(2) * (width, height)
    pairs = zip(border, np.roll(border, -1, axis=0), strict=True)
    return [Area(str(k), polygon([[centre, a, b]])) for k, (a, b) in enumerate(pairs)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cells", [(1, 1), (4, 4), (3, 7), (13, 2)])
def test_cells_of_a_grid_share_all_attention(rng, size, cells):
    density = rng.random(size).astype(np.float32)
    shares = area_shares(density, cover_areas(grid(*cells), *size))
    assert shares.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_triangles_that_cover_the_picture_share_all_attention(rng, size):
    density = rng.random(size) ** 4
    for corners in (0, 3, 20):
        shares = area_shares(density, cover_areas(fan(rng, *size, corners), *size))
        assert shares.sum() == pytest.approx(1, abs=1e-6)


def is_inside(ring, x, y, even_odd):
    """Whether points lie inside, by how often the ring goes round them."""
    rounds = np.zeros(x.shape, int)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        crosses = (y0 <= y) != (y1 <= y)
        at = x0 + (y - y0) * (x1 - x0) / np.where(y1 == y0, 1, y1 - y0)
        rounds += np.where(crosses & (x < at), np.sign(y1 - y0).astype(int), 0)
    return rounds % 2 != 0 if even_odd else rounds != 0


@pytest.mark.parametrize("even_odd", [False, True])
def test_coverage_of_any_polygon_is_that_of_fine_samples(rng, even_odd):
    height, width, fine = 9, 12, 40
    y, x = (np.indices((height * fine, width * fine)) + 0.5) / fine
    for _ in range(6):  # corners in any order: the polygons cross themselves and leave the picture
        ring = rng.uniform((-3, -3), (width + 3, height + 3), (7, 2))
        sampled = is_inside(ring, x, y, even_odd).reshape(height, fine, width, fine)
        weights = full(Area("a", Polygon((ring,), even_odd)), height, width)
        # Each of the few edges in a pixel is off by less than a sample along a side of the pixel.
        np.testing.assert_allclose(weights, sampled.mean(axis=(1, 3)), atol=3 / fine)
        assert abs(weights.mean() - sampled.mean()) < 2e-3


def test_the_size_of_a_polygon_counts_what_is_outside(rng):
    ring = rng.uniform(-20, 60, (3, 2))
    (x, y), (u, v) = ring[1] - ring[0], ring[2] - ring[0]
    coverage = cover(Area("a", polygon([ring])), 30, 40)
    assert coverage.extent == pytest.approx(abs(x * v - y * u) / 2)
    assert coverage.inside < coverage.extent


def test_a_ring_that_goes_round_is_filled_by_nonzero_and_cancels_by_even_odd():
    outer, inner = box(1, 1, 8, 8).rings[0], box(3, 3, 4, 4).rings[0]
    nonzero = Area("a", Polygon((outer, inner)))
    hole = Area("a", Polygon((outer, inner), even_odd=True))
    reverse = Area("a", Polygon((outer, inner[::-1])))
    assert [cover(a, 10, 10).inside for a in (nonzero, hole, reverse)] == [64, 48, 48]


def test_an_ellipse_has_its_area():
    inside = cover(Area("a", ellipse(20.3, 14.9, 11, 7)), 30, 40).inside
    assert inside == pytest.approx(np.pi * 77, rel=2e-4)


@pytest.mark.parametrize("factor", [2, 3.5, 0.5])
def test_a_frame_is_scaled_to_the_picture(rng, factor):
    ring = rng.uniform(0, 40, (5, 2))
    size = int(40 * factor)
    drawn = full(Area("a", polygon([ring]), frame=(40, 40)), size, size)
    direct = full(Area("a", polygon([ring * factor])), size, size)
    np.testing.assert_allclose(drawn, direct, atol=1e-6)


def test_a_frame_of_another_aspect_is_refused():
    with pytest.raises(UserError, match="another aspect"):
        cover(Area("logo", box(0, 0, 5, 5), frame=(40, 40)), 40, 60)


def test_a_mask_is_stretched_over_the_picture(rng):
    values = (rng.random((6, 8)) > 0.5).astype(np.float32)
    large = full(Area("a", Mask(values)), 12, 24)
    np.testing.assert_array_equal(large, np.kron(values, np.ones((2, 3))))
    small = full(Area("a", Mask(values)), 3, 2)
    np.testing.assert_allclose(small, values.reshape(3, 2, 2, 4).mean(axis=(1, 3)), atol=1e-6)


def test_resampling_keeps_the_sum_and_the_place(rng):
    density = rng.random((7, 11))
    for size in ((7, 11), (3, 4), (50, 5), (13, 40)):
        assert resample(density, *size).sum() == pytest.approx(density.sum())
    # Over and back by whole factors nothing is lost.
    there = resample(density, 21, 22)
    np.testing.assert_allclose(resample(there, 7, 11), density)


@pytest.mark.parametrize(
    "make",
    [
        lambda: box(0, 0, -1, 1),
        lambda: box(0, 0, np.nan, 1),
        lambda: polygon([[[0, 0], [1, 1]]]),
        lambda: polygon([[[0, 0], [1, np.inf], [1, 0]]]),
        lambda: polygon([["a", "b", "c"]]),
        lambda: ellipse(0, 0, -1, 1),
        lambda: grid(0, 3),
    ],
)
def test_shapes_that_are_none_are_refused(make):
    with pytest.raises(UserError):
        make()

"""What is said of an area follows from the density's sum over it."""

import numpy as np
import pytest

from samjax.analysis.area import Area, box, grid
from samjax.analysis.attention import attention_in, cover_areas
from samjax.errors import UserError


def measure(density, *boxes, fixations=10):
    areas = [Area(str(k), box(*b)) for k, b in enumerate(boxes)]
    return attention_in(density, cover_areas(areas, *density.shape), fixations)


def test_share_of_a_box_is_the_direct_sum(rng):
    density = rng.random((30, 40))
    (found,) = measure(density, (5, 7, 20, 11))
    part = density[7:18, 5:25]
    assert found.share == pytest.approx(part.sum() / density.sum())
    assert found.area_share == pytest.approx(20 * 11 / 1200)
    assert found.times_chance == pytest.approx(part.mean() / density.mean())
    assert found.peak == pytest.approx(part.max() / density.mean())
    assert density[found.peak_y, found.peak_x] == part.max()


def test_border_pixels_count_by_their_part(rng):
    density = rng.random((4, 6))
    (found,) = measure(density, (1.25, 0, 0.5, 4))
    assert found.share == pytest.approx(density[:, 1].sum() / 2 / density.sum())
    # None is covered by a half... but each by exactly that, so they count for the peak.
    assert found.peak_x == 1


def test_scale_of_the_density_does_not_matter(rng):
    density = rng.random((20, 20))
    one, other = (measure(density * k, (3, 3, 9.5, 4)) for k in (1, 1e-7))
    np.testing.assert_allclose(one[0][1:], other[0][1:])


def test_size_of_the_picture_does_not_matter(rng):
    density = rng.random((12, 16))
    large = np.kron(density, np.ones((5, 5))) / 25
    areas = grid(3, 5)
    one = attention_in(density, cover_areas(areas, 12, 16))
    other = attention_in(large, cover_areas(areas, 60, 80))
    for a, b in zip(one, other, strict=True):
        assert (a.share, a.times_chance, a.rank) == pytest.approx((b.share, b.times_chance, b.rank))


def test_a_uniform_density_is_chance_everywhere():
    for found in attention_in(np.full((10, 14), 3.0), cover_areas(grid(3, 3), 10, 14)):
        assert (found.times_chance, found.peak) == pytest.approx((1, 1))
        assert found.rank in range(1, 10)


def test_ranks_go_by_share_and_equal_shares_share_one():
    density = np.repeat([[4.0, 1.0, 2.0, 2.0]], 3, axis=0)
    found = measure(density, *((k, 0, 1, 3) for k in range(4)))
    assert [area.rank for area in found] == [1, 4, 2, 2]


def test_probability_is_that_of_independent_draws(rng):
    density = np.array([[0.3, 0.7]])
    (found,) = measure(density, (0, 0, 1, 1), fixations=4)
    draws = rng.random((200_000, 4)) < 0.3
    assert found.probability == pytest.approx(1 - 0.7**4)
    # Five standard errors of 200,000 draws.
    assert found.probability == pytest.approx(draws.any(axis=1).mean(), abs=5 * 0.5 / 200_000**0.5)
    (everything,) = measure(density, (0, 0, 2, 1))
    assert (everything.share, everything.probability) == pytest.approx((1, 1))


def test_an_area_without_size_gets_nothing():
    (found,) = measure(np.ones((5, 5)), (2, 2, 0, 3))
    assert (found.share, found.peak, found.peak_x, found.probability) == (0, 0, -1, 0)
    assert np.isnan(found.times_chance)


@pytest.mark.parametrize(
    "density", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.ones(9), np.array([[1.0, -0.5]])]
)
def test_what_is_no_density_is_refused(density):
    with pytest.raises(UserError, match="density"):
        attention_in(density, [])

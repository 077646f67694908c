"""The strongest regions are where the blobs are, disjoint, and not more than there are peaks."""

import numpy as np
import pytest
from markers import blob

from samjax.analysis.attention import area_shares, cover_areas
from samjax.analysis.strongest import strongest_regions
from samjax.errors import UserError

SIZE = (120, 160)


@pytest.fixture
def density():
    # The middle one is highest, the right one is largest.
    parts = [(30, 60, 8, 1.0), (80, 60, 5, 2.0), (130, 60, 14, 1.0)]
    return sum(weight * blob(*SIZE, x, y, sigma) for x, y, sigma, weight in parts) + 1e-4


def test_blobs_are_found_by_falling_share(density):
    regions = strongest_regions(density, 3)
    assert [region.name for region in regions] == ["region 1", "region 2", "region 3"]
    centres = [np.argwhere(region.shape.values).mean(axis=0)[1] for region in regions]
    np.testing.assert_allclose(centres, [130, 30, 80], atol=1)
    shares = area_shares(density, cover_areas(regions, *SIZE))
    assert list(shares) == sorted(shares, reverse=True)
    # Of a Gaussian, half lies where it has at least half of its peak.
    assert shares[0] == pytest.approx(0.5 * 14**2 / (8**2 + 2 * 5**2 + 14**2), rel=0.05)


def test_regions_are_disjoint_and_half_as_high_as_their_peak(density):
    regions = strongest_regions(density, 9)
    assert sum(region.shape.values for region in regions).max() == 1
    for region in regions:
        inside = density[region.shape.values > 0]
        assert inside.min() >= inside.max() / 2


def test_a_shoulder_does_not_go_round_a_higher_peak():
    density = blob(*SIZE, 80, 60, 20) + 20 * blob(*SIZE, 80, 60, 2) + blob(*SIZE, 110, 60, 4)
    for region in strongest_regions(density, 9):
        inside = density[region.shape.values > 0]
        assert inside.max() <= 2 * inside.min()


def test_count_is_a_limit(density):
    assert len(strongest_regions(density, 1)) == 1
    assert len(strongest_regions(density, 50)) == 3
    with pytest.raises(UserError, match="1 or more"):
        strongest_regions(density, 0)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (40, 50), (900, 30)])
def test_a_uniform_density_is_one_region(size):
    (region,) = strongest_regions(np.full(size, 0.1, np.float32), 5)
    (share,) = area_shares(np.ones(size), cover_areas([region], *size))
    assert share == pytest.approx(1)


def test_large_pictures_are_looked_at_smaller(density):
    large = np.kron(density, np.ones((6, 6)))
    (small,), (found,) = strongest_regions(density, 1), strongest_regions(large, 1)
    one = area_shares(density, cover_areas([small], *SIZE))
    other = area_shares(large, cover_areas([found], *large.shape))
    assert other[0] == pytest.approx(one[0], rel=0.05)

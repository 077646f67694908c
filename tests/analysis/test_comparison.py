"""Differences of versions: signed maps sum to 0, intervals cover what they say."""

import numpy as np
import pytest
from markers import blob

from samjax.analysis.area import Area, box, grid
from samjax.analysis.comparison import compare_densities, differences
from samjax.errors import UserError

HALVES = [Area("left", box(0, 0, 20, 30)), Area("right", box(20, 0, 20, 30))]


def densities(rng, count, x, size=(30, 40)):
    """Blobs about a place that moves a little."""
    height, width = size
    scale = width / 40
    return [
        blob(height, width, (x + rng.normal(0, 1)) * scale, 15 * scale, 4 * scale)
        for _ in range(count)
    ]


def test_a_version_and_itself_do_not_differ(rng):
    same = densities(rng, 6, 12)
    found = compare_densities(zip(same, same, strict=True), HALVES, HALVES)
    assert found.moved == 0
    for area in found.areas:
        assert area.low <= 0 <= area.high


def test_two_draws_of_the_same_have_zero_in_their_interval(rng):
    pairs = zip(densities(rng, 12, 18), densities(rng, 12, 18), strict=True)
    for area in compare_densities(pairs, HALVES, HALVES).areas:
        assert area.low < 0 < area.high


def test_attention_moves_to_the_right(rng):
    pairs = zip(densities(rng, 8, 12), densities(rng, 8, 30), strict=True)
    found = compare_densities(pairs, HALVES, HALVES)
    left, right = found.areas
    assert left.high < 0 < right.low
    assert right.difference == pytest.approx(-left.difference)
    assert right.difference == pytest.approx(right.after - right.before)
    assert found.difference[:, :20].sum() == pytest.approx(left.difference)
    assert found.difference.sum() == pytest.approx(0, abs=1e-9)
    assert 0.5 < found.moved <= 1
    assert found.pairs == 8


def test_versions_of_two_sizes_are_stretched(rng):
    small, large = densities(rng, 1, 12), densities(rng, 1, 12, (90, 120))
    scaled = [Area(a.name, a.shape, frame=(30, 40)) for a in HALVES]
    found = compare_densities([(small[0], large[0])], HALVES, scaled)
    assert found.difference.shape == (30, 40)
    same = compare_densities([(large[0], large[0] * 7)], scaled, scaled)
    assert same.moved == pytest.approx(0, abs=1e-12)
    # The blobs of both are a little apart, by the draw.
    assert abs(found.areas[0].difference) < 0.1


def test_one_pair_has_no_interval(rng):
    pair = densities(rng, 2, 12)
    (area, _) = compare_densities([tuple(pair)], HALVES, HALVES).areas
    assert np.isnan([area.low, area.high]).all()


def test_the_interval_holds_the_next_difference_in_95_of_100_cases(rng):
    hits = 0
    trials = 3000
    for _ in range(trials):
        gained = rng.normal(0.02, 0.01, (7, 1))
        before = rng.random((7, 1))
        (found,) = differences(["a"], before, before + gained)
        hits += found.low <= rng.normal(0.02, 0.01) <= found.high
    # Four standard errors of a share of .95.
    assert hits / trials == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / trials) ** 0.5)


def test_names_must_agree(rng):
    pair = tuple(densities(rng, 2, 12))
    with pytest.raises(UserError, match="same names"):
        compare_densities([pair], HALVES, HALVES[::-1])
    with pytest.raises(UserError, match="no pair"):
        compare_densities([], grid(2, 2), grid(2, 2))

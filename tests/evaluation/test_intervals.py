"""Intervals hold what they promise."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from samjax.evaluation.intervals import interval, paired_difference, permutation_p


def test_scipy_draws_the_resamples_that_published_intervals_had(rng):
    values, weights = rng.normal(0, 1, 37), rng.integers(1, 5, 37)
    drawn = np.random.default_rng(5).integers(0, 37, (10_000, 37))
    for w in (np.ones(37), weights):
        means = (values[drawn] * w[drawn]).sum(axis=1) / w[drawn].sum(axis=1)
        estimate = interval(values, weights=w, seed=5)
        # The same numbers up to rounding: sums of 37 terms, in float64.
        expected = np.quantile(means, [0.025, 0.975])
        np.testing.assert_allclose(estimate[1:3], expected, rtol=0, atol=1e-14)


def test_one_image_has_an_interval_without_width():
    assert interval([np.nan, 2.5], weights=[1, 3]) == (2.5, 2.5, 2.5, 1)


def test_covers_a_known_mean(rng):
    covered = 0
    for trial in range(200):
        estimate = interval(rng.normal(3, 2, 80), seed=trial, resamples=300)
        covered += estimate.low <= 3 <= estimate.high
    assert 0.89 <= covered / 200 <= 0.99


def test_width_is_that_of_the_normal_interval(rng):
    values = rng.normal(0, 1, 400)
    estimate = interval(values, resamples=4000)
    assert abs(estimate.high - estimate.low - 2 * 1.96 * values.std() / 20) < 0.01


def test_same_seed_same_interval(rng):
    values = rng.random(50)
    assert interval(values, seed=1) == interval(values, seed=1)
    assert interval(values, seed=1) != interval(values, seed=2)


def test_images_without_score_are_left_out():
    assert interval([1.0, np.nan, 3.0]).mean == 2
    assert interval([1.0, np.nan, 3.0]).images == 2
    assert interval([np.nan]).images == 0
    assert np.isnan(interval([]).mean)


def test_whole_weights_are_repeats_drawn_together(rng):
    values, weights = rng.normal(0, 1, 30), rng.integers(0, 4, 30)
    estimate = interval(values, weights=weights, seed=3)
    assert estimate.mean == pytest.approx(np.repeat(values, weights).mean())
    assert estimate.images == np.count_nonzero(weights)
    draws = np.random.default_rng(8).integers(0, 30, (4000, 30))  # images, not their repeats
    means = [np.repeat(values[d], weights[d]).mean() for d in draws]
    np.testing.assert_allclose(estimate[1:3], np.quantile(means, [0.025, 0.975]), atol=0.03)


def test_pairing_detects_what_the_spread_hides(rng):
    hard = rng.normal(0, 5, 100)
    ours, theirs = hard + 0.1 + rng.normal(0, 0.1, 100), hard
    assert interval(ours).low < 0 < interval(ours).high
    difference = paired_difference(ours, theirs)
    assert 0 < difference.low < 0.1 < difference.high < 0.2


def test_no_difference_is_not_detected(rng):
    ours, theirs = rng.normal(0, 1, (2, 300))
    difference = paired_difference(ours, theirs)
    assert difference.low < 0 < difference.high


def test_many_images_stay_in_memory(rng):
    assert interval(rng.random(500_000), resamples=20).images == 500_000


def test_permutation_p_is_that_of_all_signs(rng):
    ours, theirs = rng.normal(0.5, 1, 10), rng.normal(0, 1, 10)
    difference = ours - theirs
    all_signs = np.array(list(product([-1, 1], repeat=10)))
    extreme = np.abs(all_signs @ difference) >= abs(difference.sum()) - 1e-12
    assert permutation_p(ours, theirs) == pytest.approx(extreme.mean(), abs=0.015)


def test_permutation_p_is_scipys(rng):
    difference = rng.normal(0, 1, 40)
    difference += 0.2 - difference.mean()  # p is about .2: not at an end, where all tests agree
    expected = stats.permutation_test(
        (difference,),
        lambda d, axis: d.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=4000,
        random_state=np.random.default_rng(0),
    ).pvalue
    got = permutation_p(difference, np.zeros(40), resamples=4000)
    # Five standard deviations of the difference of two estimates from 4000 draws each.
    assert got == pytest.approx(expected, abs=5 * np.sqrt(2 * got * (1 - got) / 4000) + 1e-3)


def test_permutation_p_of_nothing_and_of_much(rng):
    values = rng.random(100)
    assert permutation_p(values, values) == 1
    assert permutation_p(values + 1, values) < 0.001
    assert np.isnan(permutation_p([np.nan], [1.0]))
    assert permutation_p(values, values[::-1], seed=3) == permutation_p(
        values, values[::-1], seed=3
    )


def test_permutation_p_is_uniform_without_a_difference(rng):
    p_values = [permutation_p(*rng.normal(0, 1, (2, 20)), resamples=200) for _ in range(200)]
    assert 0.01 <= np.mean(np.array(p_values) < 0.05) <= 0.1

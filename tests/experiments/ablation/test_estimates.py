"""Intervals over images and seeds, and paired differences."""

import numpy as np
import pytest

from experiments.ablation import estimates
from samjax.evaluation import intervals


def test_one_seed_has_the_interval_over_images():
    values = np.random.default_rng(0).normal(size=200)
    ours, theirs = estimates.estimate(values[None]), intervals.interval(values)
    assert ours["mean"] == pytest.approx(theirs.mean)
    # Two bootstraps of their own random numbers.
    assert ours["low"] == pytest.approx(theirs.low, abs=0.01)
    assert ours["high"] == pytest.approx(theirs.high, abs=0.01)


def test_seeds_that_disagree_widen_the_interval():
    images = np.random.default_rng(0).normal(size=400) * 0.01
    same = estimates.estimate(np.stack([images, images, images]))
    apart = estimates.estimate(np.stack([images - 1, images, images + 1]))
    assert same["high"] - same["low"] < 0.01
    # Three seeds drawn from -1, 0, 1: their mean has a standard deviation of sqrt(2 / 3 / 3).
    assert apart["high"] - apart["low"] == pytest.approx(2 * 1.96 * np.sqrt(2) / 3, rel=0.3)


def test_what_images_have_in_common_cancels_in_differences():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(1, 300)) * 10
    theirs = images + rng.normal(size=(3, 300)) * 0.1
    gap = estimates.difference(theirs + 0.05, theirs)
    assert gap["low"] == pytest.approx(0.05)
    assert gap["p"] < 0.001


def test_missing_scores_are_left_out():
    scores = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 5.0]])
    assert estimates.estimate(scores)["images"] == 2
    assert estimates.estimate(scores)["mean"] == 2.5
    assert estimates.estimate(np.full((2, 1), np.nan))["images"] == 0


def test_the_interval_does_not_depend_on_how_many_are_drawn_at_once(monkeypatch):
    scores = np.random.default_rng(0).normal(size=(1, 50))
    at_once = estimates.estimate(scores, resamples=4000)
    monkeypatch.setattr(estimates, "MAX_DRAWN", 50)
    one_by_one = estimates.estimate(scores, resamples=4000)
    assert one_by_one["low"] == pytest.approx(at_once["low"], abs=0.03)

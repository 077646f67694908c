"""The smoothing is that of its closed form, in time and not in frames."""

import numpy as np
import pytest

from samjax.video.smoothing import Smoother

TAU = 0.3
TIMES = np.array([0, 0.04, 0.1, 0.5, 0.52, 1.7])


def test_it_is_the_weighted_sum_of_all_maps(rng):
    """s_n = sum over k of w_k prod over j > k of (1 - w_j) p_k, where w_0 is 1."""
    maps = rng.random((len(TIMES), 4, 5)).astype(np.float32)
    weights = np.concatenate([[1], 1 - np.exp(-np.diff(TIMES) / TAU)])
    smoother = Smoother(TAU)
    for n, time in enumerate(TIMES):
        own = [weights[k] * np.prod(1 - weights[k + 1 : n + 1]) for k in range(n + 1)]
        expected = np.tensordot(own, maps[: n + 1].astype(np.float64), 1)
        # A few roundings of float32 numbers below 1.
        np.testing.assert_allclose(smoother.at(time, maps[n]), expected, rtol=0, atol=2e-6)


def test_a_step_is_followed_exponentially_whatever_the_frame_rate():
    before, after = np.zeros((2, 2), np.float32), np.ones((2, 2), np.float32)
    for rate in (5, 50):
        smoother = Smoother(TAU)
        smoother.at(0, before)
        for k in range(1, rate + 1):
            found = smoother.at(k / rate, after)
        np.testing.assert_allclose(found, 1 - np.exp(-1 / TAU), rtol=1e-5)


def test_densities_stay_densities(rng):
    smoother = Smoother(TAU)
    for time in TIMES:
        density = rng.random((30, 40)).astype(np.float32)
        found = smoother.at(time, density / density.sum())
        assert found.sum() == pytest.approx(1, abs=1e-5)
        assert found.min() >= 0


def test_without_smoothing_maps_are_as_they_are(rng):
    smoother = Smoother(0)
    for time in TIMES:
        saliency = rng.random((3, 3)).astype(np.float32)
        assert smoother.at(time, saliency) is saliency

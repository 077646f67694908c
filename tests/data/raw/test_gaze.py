"""Fixations from samples: rests are found where and as long as they were, whatever is between."""

import numpy as np
import pytest

from samjax.data.raw.gaze import detect_fixations


def rests(places, counts, noise=0.0):
    rng = np.random.default_rng(0)
    samples = np.concatenate([np.repeat([p], n, 0) for p, n in zip(places, counts, strict=True)])
    return samples + rng.normal(0, noise, samples.shape)


PLACES = np.array([[100.0, 100.0], [400.0, 120.0], [250.0, 300.0]])


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_rests_are_found_where_they_were(noise):
    fixations = detect_fixations(rests(PLACES, (60, 80, 40), noise))
    np.testing.assert_allclose(fixations.xy, PLACES, atol=1)
    np.testing.assert_allclose(fixations.duration_ms, [250, 333, 167], atol=20)


def test_short_rests_do_not_count():
    fixations = detect_fixations(rests(PLACES, (60, 10, 60)))
    np.testing.assert_allclose(fixations.xy, PLACES[[0, 2]])


@pytest.mark.parametrize("lost", [-1.0, np.nan])
def test_a_blink_parts_a_fixation_and_is_none(lost):
    samples = rests(PLACES[:1], (100,))
    samples[45:55] = lost
    fixations = detect_fixations(samples)
    np.testing.assert_allclose(fixations.xy, PLACES[[0, 0]])
    np.testing.assert_allclose(fixations.duration_ms, 1000 * 45 / 240)


def test_smooth_movement_is_no_fixation():
    ramp = np.linspace(0, 800, 240)
    assert len(detect_fixations(np.stack([ramp, ramp], 1)).xy) == 0


@pytest.mark.parametrize("samples", [np.zeros((0, 2)), np.full((50, 2), np.nan)])
def test_nothing_seen_gives_nothing(samples):
    fixations = detect_fixations(samples)
    assert fixations.xy.shape == (0, 2)
    assert len(fixations.duration_ms) == 0

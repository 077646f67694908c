"""Leave-one-subject-out observers, and the fraction of the way to them."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.evaluation.observers import Ladder, fractions, per_image, trials, with_center
from samjax.evaluation.scores import Scores
from samjax.metrics.ground_truth import count_map


@pytest.fixture
def example(rng):
    subject = np.repeat([0, 2, 5, -1], [4, 6, 3, 2]).astype(np.int32)
    points = rng.random((15, 2)) * (29, 19)
    return SimpleNamespace(
        points=points, subject=subject, height=20, width=30, sigma_px=2.0, image_id="a"
    )


@pytest.mark.parametrize("convention", ["mit", "tuebingen"])
def test_a_subject_is_predicted_by_the_known_others(example, convention):
    found = list(trials(example, convention, max_trials=10))
    assert [trial.subject for trial in found] == [0, 2, 5]
    for trial in found:
        own = example.subject == trial.subject
        others = ~own & (example.subject >= 0)
        counts = count_map(example.points[others], 20, 30)
        counts = (counts > 0) if convention == "mit" else counts
        expected = gaussian_filter(counts.astype(float), 2.0)
        np.testing.assert_allclose(trial.prediction, expected, atol=1e-6)
        np.testing.assert_array_equal(trial.counts, count_map(example.points[own], 20, 30))


def test_subjects_take_turns(example):
    first = [[t.subject for t in trials(example, "mit", 1, turn)] for turn in range(4)]
    assert first == [[0], [2], [5], [0]]


def test_one_subject_has_no_others(example):
    example.subject[:] = 3
    assert not list(trials(example, "mit", 5))


def test_mixture_with_the_center_has_no_zeros(rng):
    prediction = np.zeros((4, 5), np.float32)
    prediction[1, 1] = 7
    mixed = with_center(prediction, np.full((4, 5), 0.05))
    assert mixed.min() > 0
    assert mixed.sum() == pytest.approx(1)


def test_trials_of_an_image_are_averaged():
    values = {"model": {"NSS": np.array([1.0, 3.0, np.nan, 5.0])}}
    got = per_image(Scores(["a", "a", "b", "b"], values, [], np.ones(4)))
    assert got.image_ids == ["a", "b"]
    np.testing.assert_array_equal(got.values["model"]["NSS"], [2, 5])


def test_fraction_of_the_way():
    rows = {"model": [2.0, 2], "center": [1.0, 1], "people": [3.0, 7]}
    values = {m: {"NSS": np.array(v), "KL": np.array(v)} for m, v in rows.items()}
    got = fractions(Scores(["a", "b"], values, [], np.ones(2)), Ladder("model", "center", "people"))
    assert got["NSS"] == pytest.approx(0.25)
    assert np.isnan(got["KL"])  # people are worse than the center bias where low is good

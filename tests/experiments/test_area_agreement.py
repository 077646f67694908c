"""Shares of a grid: measured as counted by hand, and agreement as it should be at its ends."""

from types import SimpleNamespace

import numpy as np
import pytest

from experiments import area_agreement as eyes


def test_measured_shares_are_counts():
    # An integer is the centre of a pixel, so 19.4 of 40 is in the left half and 19.6 is not.
    points = np.array([[0, 0], [19.4, 29], [19.6, 0], [39.4, 29.4], [40, 3], [-0.6, 0]])
    np.testing.assert_array_equal(
        eyes.measured_shares(points, (30, 40), 2), [0.25, 0.25, 0.25, 0.25]
    )


def test_predicted_shares_are_sums(rng):
    density = rng.random((12, 8))
    shares = eyes.predicted_shares(density, 4).reshape(4, 4)
    assert shares[1, 2] == pytest.approx(density[3:6, 4:6].sum() / density.sum())


def test_agreement_at_its_ends():
    shares = np.array([0.5, 0.3, 0.2, 0.0])
    assert eyes.agreement(shares, shares) == (pytest.approx(1), 0)
    assert eyes.agreement(shares[::-1], shares)[0] == pytest.approx(-1)
    correlation, error = eyes.agreement(np.full(4, 0.25), shares)
    assert np.isnan(correlation)
    assert error == pytest.approx(0.15)


def test_the_summary_pairs_the_images(rng):
    examples = []
    for _ in range(6):
        points = rng.random((60, 2)) * (40, 30) - 0.5
        subject = rng.integers(0, 6, 60)
        examples.append(SimpleNamespace(points=points, subject=subject, height=30, width=40))

    def truth(example):
        return eyes.measured_shares(example.points, (30, 40), 4).reshape(4, 4)

    densities = {eyes.MODEL: truth, eyes.CENTER: lambda e: np.ones((30, 40))}
    rows = eyes.summary(eyes.compare(examples, densities, 4))
    assert rows[eyes.MODEL]["mean absolute error"]["mean"] == pytest.approx(0, abs=1e-9)
    assert rows["model - center bias"]["mean absolute error"]["high"] < 0
    assert rows[eyes.PEOPLE]["rank correlation"]["images"] == 6

"""Parity tells rounding from a wrong operation, and says which result is off."""

import jax
import numpy as np
import pytest

from experiments.bench import parity
from experiments.bench.parity import SINGLES, Limits, compare

REFERENCE = {"loss": np.float32(2.0), "gradient of head": [np.ones(4), np.full((2, 2), 3.0)]}


def test_rounding_agrees_and_a_wrong_gradient_differs():
    rounded = {"loss": np.float32(2.002), "gradient of head": [np.ones(4), np.full((2, 2), 3.01)]}
    found = compare(rounded, REFERENCE, Limits(0.01, 0.01))
    assert found["verdict"] == "agrees"
    assert found["errors"]["loss"] == pytest.approx(1e-3, rel=1e-3)
    assert found["errors"]["gradient of head"] == pytest.approx(0.02 / 40**0.5, rel=1e-6)
    for wrong in (-1.0, np.nan):  # a sign, and what a failing operation leaves
        bad = rounded | {"gradient of head": [np.ones(4), np.full((2, 2), wrong)]}
        assert compare(bad, REFERENCE, Limits(1.0, 0.9))["verdict"] == "DIFFERS"


@pytest.mark.parametrize("name", SINGLES)
def test_a_single_convolution_in_bfloat16_has_the_rounding_of_bfloat16(name):
    found = parity._compare_single(SINGLES[name])
    # bfloat16 rounds to 2**-9 of a value.
    assert 1e-4 < max(found["errors"].values()) < 1e-2


def test_a_convolution_that_is_not_the_networks_differs(monkeypatch):
    correlate = parity.correlate

    def flawed(x, kernel, dilation, stride):
        # As a device would that forgets a gradient's dilation in bfloat16.
        dilation = 1 if x.dtype == jax.numpy.bfloat16 else dilation
        return correlate(x, kernel, dilation, stride)

    monkeypatch.setattr(parity, "correlate", flawed)
    found = parity._compare_single(SINGLES["5x5, dilation 4"])
    assert found["verdict"] == "DIFFERS"

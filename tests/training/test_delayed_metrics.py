"""Metrics are read one step late, none is lost, and a bad loss names its own step and images."""

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.training.delayed_metrics import DelayedMetrics


def recent() -> DelayedMetrics:
    return DelayedMetrics(lambda index: [f"image{i}" for i in index])


def metrics(loss: float) -> dict:
    return {"loss": (np.float32(loss), 1), "NSS": (np.float32(2 * loss), 2)}


def test_drain_averages_every_step_since_the_last_one():
    window = recent()
    for step, loss in enumerate([1.0, 2.0, 6.0], 1):
        window.add(step, np.arange(2), metrics(loss))
    assert window.drain() == pytest.approx({"loss": 3.0, "NSS": 3.0})
    window.add(4, np.arange(2), metrics(5.0))
    assert window.drain()["loss"] == 5


def test_a_bad_loss_is_noticed_when_the_next_step_was_dispatched():
    window = recent()
    window.add(7, np.array([3, 4]), metrics(np.nan))
    with pytest.raises(UserError, match=r"step 7 is not finite \(images image3, image4\)"):
        window.add(8, np.array([5, 6]), metrics(1.0))


def test_a_bad_gradient_is_as_bad():
    window = recent()
    window.add(7, np.array([3]), metrics(1.0) | {"gradient_norm": (np.float32(np.inf), 1)})
    with pytest.raises(UserError, match="gradient_norm of step 7 is not finite"):
        window.settle()


def test_settle_notices_the_last_step_too():
    window = recent()
    window.add(7, np.array([3]), metrics(np.inf))
    with pytest.raises(UserError, match="step 7"):
        window.settle()

"""Metrics are read one step late, none is lost, and a bad loss names its own step and images."""

import json

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.training.delayed_metrics import DelayedMetrics
from samjax.training.metrics import BatchMetrics, Mean


def recent() -> DelayedMetrics:
    kept = "the latest checkpoint is that of step 5"
    return DelayedMetrics(lambda index: [f"image{i}" for i in index], lambda: kept)


def metrics(loss: float, gradient_norm: float = 1.0) -> BatchMetrics:
    """Of one image with a loss, and of two with an NSS, as they come from the device."""
    none = Mean(np.float32(0), 0)
    return BatchMetrics(
        loss=Mean(np.float32(loss), 1),
        kl=none,
        cc=none,
        nss=Mean(np.float32(2 * loss), 2),
        log_likelihood=none,
        gradient_norm=Mean(np.float32(gradient_norm), 1),
    )


def test_drain_averages_every_step_since_the_last_one():
    window = recent()
    for step, loss in enumerate([1.0, 2.0, 6.0], 1):
        window.add(step, np.arange(2), metrics(loss))
    assert window.drain() == pytest.approx({"loss": 3.0, "NSS": 3.0, "gradient_norm": 1.0})
    window.add(4, np.arange(2), metrics(5.0))
    assert window.drain()["loss"] == 5


def test_a_run_that_goes_on_averages_over_what_was_not_logged_before():
    whole, before, after = recent(), recent(), recent()
    for step, loss in enumerate([0.1, 0.2, 0.7], 1):
        whole.add(step, np.arange(2), metrics(loss))
        (before if step < 3 else after).add(step, np.arange(2), metrics(loss))
        if step == 2:
            before.settle()
            after.resume(json.loads(json.dumps(before.unlogged())))
    assert after.drain() == whole.drain()  # bit for bit
    assert after.unlogged() == []


def test_metrics_of_another_version_are_left_out():
    window = recent()
    window.resume([{"loss": {"total": 1.0, "count": 1}, "of_old": None}])
    window.add(1, np.arange(2), metrics(2.0))
    assert window.drain()["loss"] == 2


def test_a_bad_loss_is_noticed_when_the_next_step_was_dispatched():
    window = recent()
    window.add(7, np.array([3, 4]), metrics(np.nan))
    message = r"step 7 is not finite \(images image3, image4\); .* checkpoint is that of step 5"
    with pytest.raises(UserError, match=message):
        window.add(8, np.array([5, 6]), metrics(1.0))


def test_a_bad_gradient_is_as_bad():
    window = recent()
    window.add(7, np.array([3]), metrics(1.0, np.inf))
    with pytest.raises(UserError, match="gradient_norm of step 7 is not finite"):
        window.settle()


def test_settle_notices_the_last_step_too():
    window = recent()
    window.add(7, np.array([3]), metrics(np.inf))
    with pytest.raises(UserError, match="step 7"):
        window.settle()

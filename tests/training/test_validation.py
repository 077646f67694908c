"""The best state so far is known to the state itself, and patience counts evaluations from it."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import pytest

from samjax.errors import UserError
from samjax.models import SAM
from samjax.parallel.mesh import make_mesh
from samjax.training.experiment import Plan, Reporting, Selecting
from samjax.training.losses import LossOptions
from samjax.training.validation import Validation


def validation(monitor: str = "KL", patience: int = 2) -> Validation:
    """Of an experiment that evaluates every ten steps and has no data."""
    return Validation(
        SimpleNamespace(
            validation=(),
            selecting=Selecting(monitor, patience),
            reporting=Reporting(1, 1, 1, 0),
            plan=Plan(100, 10, 10),
            mesh=make_mesh(devices=jax.devices()[:1]),
            loading=SimpleNamespace(local_batch_size=1, threads=1),
            canvases=(),
            loss=LossOptions(),
            model=SAM(),
        )
    )


@pytest.fixture
def state():
    from samjax.training.state import TrainState

    return TrainState(
        step=jnp.int32(20), params={}, batch_stats={}, opt_state=(), ema={},
        best=jnp.float32(-jnp.inf), best_step=jnp.int32(0),
    )  # fmt: skip


def test_a_better_score_is_remembered_with_its_step(state):
    state, score = validation().judge(state, {"KL": 0.5, "CC": 0.1})
    assert (score, float(state.best), int(state.best_step)) == (-0.5, -0.5, 20)
    later = state.replace(step=jnp.int32(30))
    worse, score = validation().judge(later, {"KL": 0.75})
    assert (score, float(worse.best), int(worse.best_step)) == (-0.75, -0.5, 20)


def test_larger_is_better_where_the_score_says_so(state):
    assert validation("NSS").judge(state, {"NSS": 2.0})[1] == 2
    assert validation("loss").judge(state, {"loss": 2.0})[1] == -2


def test_patience_counts_evaluations_since_the_best_one(state):
    state = state.replace(best_step=jnp.int32(10))
    assert not validation(patience=2).exhausted(state)
    assert validation(patience=2).exhausted(state.replace(step=jnp.int32(30)))
    assert not validation(patience=0).exhausted(state.replace(step=jnp.int32(99)))


def test_a_monitor_that_the_data_do_not_give_is_named(state):
    with pytest.raises(UserError, match=r"give no NSS \(they have KL, CC\); set --config"):
        validation("NSS").judge(state, {"KL": 1.0, "CC": 0.5})

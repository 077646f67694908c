"""Checkpoints: kept by policy, checked on reading, partly readable, safe against a crash."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.errors import UserError
from samjax.training.checkpoint import Checkpoints
from samjax.training.state import TrainState

LEAF = jax.sharding.SingleDeviceSharding(jax.devices()[0])


def state(value: float = 1.0, features: int = 3) -> TrainState:
    params = {
        "readout": {"kernel": jnp.full((2, features), float(value)), "bias": jnp.zeros(features)}
    }
    return TrainState(
        step=jnp.int32(value),
        params=params,
        batch_stats={},
        opt_state=(jnp.int32(1), {"mu": params}),
        ema={},
        best=jnp.float32(0),
        best_step=jnp.int32(0),
    )


def abstract(of: TrainState) -> TrainState:
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=LEAF), of)


@pytest.fixture
def folder(tmp_path):
    checkpoints = Checkpoints(tmp_path, latest=2)
    for step, score in [(1, -3.0), (2, -1.0), (3, None), (4, -2.0), (5, None)]:
        checkpoints.save(step, state(step), score)
    checkpoints.close()
    return tmp_path


def test_the_latest_and_the_best_are_kept(folder):
    checkpoints = Checkpoints(folder)
    assert checkpoints.steps == [2, 4, 5]
    assert checkpoints.latest_step() == 5
    assert checkpoints.best_step == 2


def test_a_state_comes_back_as_it_was(folder):
    restored = Checkpoints(folder).restore(abstract(state()), 4)
    assert jax.tree.structure(restored) == jax.tree.structure(state())
    jax.tree.map(np.testing.assert_array_equal, restored, state(4))


def test_items_are_read_one_by_one(folder):
    items = Checkpoints(folder).load(("params", "ema"), 2)
    assert items["ema"] == {}
    np.testing.assert_array_equal(items["params"]["readout"]["kernel"], 2)


def test_a_wrong_shape_is_named_with_both_shapes(folder):
    with pytest.raises(UserError, match=r"params/readout/bias is \(\(3,\).*wants \(\(4,\)"):
        Checkpoints(folder).restore(abstract(state(features=4)))


def test_a_wrong_dtype_does_not_cast_silently(folder):
    wanted = abstract(state())
    step = jax.ShapeDtypeStruct((), jnp.float32, sharding=LEAF)
    with pytest.raises(UserError, match=r"int32.*float32"):
        Checkpoints(folder).restore(dataclasses.replace(wanted, step=step))


def test_what_a_crash_left_half_written_does_not_count(folder):
    (folder / "6.orbax-checkpoint-tmp").mkdir()
    (folder / "6.orbax-checkpoint-tmp" / "params").write_text("half")
    assert Checkpoints(folder).latest_step() == 5

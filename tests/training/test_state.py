"""The first state follows from the seed; what predicts is the moving average if there is one."""

import functools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from samjax.models import SAM
from samjax.parallel.mesh import make_mesh, state_shardings
from samjax.training import state as state_module
from samjax.training.state import TrainState, create_state, inference_variables, not_finite

MODEL = SAM(backbone="vgg_tiny", norm="batch", features=4, gaussians=1, timesteps=1)


@functools.lru_cache
def state(seed: int, keep_ema: bool = False):
    def make(key):
        return create_state(MODEL, optax.adam(1e-3), key, (16, 16), keep_ema)

    return jax.device_get(jax.jit(make)(jax.random.key(seed)))


def test_the_first_state_is_a_pure_function_of_the_seed():
    state.cache_clear()
    first = state(3)
    state.cache_clear()
    jax.tree.map(np.testing.assert_array_equal, first, state(3))


def test_another_seed_has_other_parameters():
    kernels = [state(seed).params["readout"]["kernel"] for seed in (3, 4)]
    assert (kernels[0] != kernels[1]).any()


@pytest.mark.parametrize("keep_ema", [False, True])
def test_the_moving_average_begins_as_the_parameters(keep_ema):
    first = state(3, keep_ema)
    assert bool(first.ema) == keep_ema
    variables = inference_variables(first)
    jax.tree.map(np.testing.assert_array_equal, variables["params"], first.params)
    jax.tree.map(np.testing.assert_array_equal, variables["batch_stats"], first.batch_stats)


def test_nothing_is_the_best_yet():
    first = state(3)
    assert (int(first.step), float(first.best)) == (0, -np.inf)


def small(**parts) -> TrainState:
    """A state of one array in each part, in which some parts have other values."""
    fields = dict.fromkeys(("params", "batch_stats", "opt_state", "ema"), np.ones(16, np.float32))
    arrays = {name: {"a": jnp.asarray(parts.get(name, ones))} for name, ones in fields.items()}
    return TrainState(jnp.int32(0), best=jnp.float32(-np.inf), best_step=jnp.int32(0), **arrays)


@pytest.mark.parametrize("part", ["params", "batch_stats", "opt_state", "ema"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_names_its_part(part, value):
    values = np.ones(16, np.float32)
    assert not_finite(small()) == ""
    values[13] = value
    bad = small(**{part: values})
    assert not_finite(bad) == part
    # On a mesh, where the optimiser's state lies in parts on the devices.
    placed = jax.device_put(bad, state_shardings(bad, make_mesh(), shard_optimizer=True))
    assert not_finite(placed) == part
    # As it is done where the devices have a memory of their own.
    finite = state_module._are_finite({k: [getattr(bad, k)["a"]] for k in state_module.CHECKED})
    assert [name for name, is_finite in finite.items() if not is_finite] == [part]


def test_counters_and_empty_parts_are_finite():
    assert not_finite(replace(small(), opt_state=(jnp.int32(3),), ema={}, batch_stats={})) == ""

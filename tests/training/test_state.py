"""The first state follows from the seed; what predicts is the moving average if there is one."""

import functools

import jax
import numpy as np
import optax
import pytest

from samjax.models import SAM
from samjax.training.state import create_state, inference_variables

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

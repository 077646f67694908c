"""The training step: the same numbers on one device and eight, and what one update does."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from samjax.models import SAM
from samjax.parallel.mesh import make_mesh, put, replicated
from samjax.training import losses, steps
from samjax.training.metrics import BatchMetrics
from samjax.training.state import create_state

SIZE, MAP = (32, 40), (8, 10)
MODEL = SAM(
    backbone="vgg_tiny", norm="batch", features=8, gaussians=2, timesteps=2, readout="density",
    upsampling=2, alignment="half_pixel", priors="sigmoid", attention_scale="mean",
)  # fmt: skip
# Plain gradient descent: Adam would blow rounding up to a whole step where a gradient is zero.
TX = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(1e-2))
OPTIONS = {"model": MODEL, "loss": losses.LossOptions()}


def batch(seed: int = 0, size: int = 8) -> dict:
    rng = np.random.default_rng(seed)
    return {
        "image": rng.integers(0, 256, (size, *SIZE, 3)).astype(np.uint8),
        "density": rng.random((size, *MAP)).astype(np.float32),
        "counts": rng.poisson(0.3, (size, *MAP)).astype(np.float32),
        "mask": np.ones((size, *MAP), bool),
        "index": np.arange(size, dtype=np.int32),
    }


@functools.lru_cache
def compiled(devices: int):
    mesh = make_mesh(devices=jax.devices()[:devices])
    key = jax.random.key(0)
    step = functools.partial(steps.train_step, key=key, tx=TX, ema_decay=0.9, **OPTIONS)
    return mesh, jax.jit(
        step,
        in_shardings=(replicated(mesh), None),
        out_shardings=replicated(mesh),
    )


@functools.lru_cache
def initial():
    return jax.device_get(
        jax.jit(functools.partial(create_state, MODEL, TX, jax.random.key(0), SIZE, True))()
    )


def run(devices: int, number: int = 3):
    mesh, step = compiled(devices)
    state, history = initial(), []
    for k in range(number):
        state, metrics = step(state, put(batch(k), mesh))
        history.append(metrics.compute()["loss"])
    return jax.device_get(state), history


def test_eight_devices_give_the_numbers_of_one():
    (one, losses_one), (eight, losses_eight) = run(1), run(8)
    np.testing.assert_allclose(losses_eight, losses_one, rtol=1e-5)
    # Batch norm is over the whole batch: with statistics per device these would differ by tens
    # of percent.
    for part in ("params", "batch_stats"):
        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5),
            getattr(eight, part),
            getattr(one, part),
        )


def test_the_moving_average_starts_fast_and_follows():
    value, average = {"a": jnp.ones(2)}, {"a": jnp.zeros(2)}
    first = steps.moving_average(average, value, jnp.int32(0), 0.99)
    np.testing.assert_allclose(first["a"], 0.9, rtol=1e-6)
    late = steps.moving_average(average, value, jnp.int32(100_000), 0.99)
    np.testing.assert_allclose(late["a"], 0.01, rtol=1e-4)


def test_padding_rows_do_not_count():
    state, step = initial(), functools.partial(steps.eval_step, **OPTIONS)
    full = batch(size=8)
    part = {key: value[:5] for key, value in full.items()}
    padded = {key: value.copy() for key, value in full.items()}
    padded["index"][5:] = -1
    with_padding, without = (jax.jit(step)(state, b) for b in (padded, part))
    for name in ("loss", "kl", "cc", "nss", "log_likelihood"):
        padded_mean, mean = getattr(with_padding, name), getattr(without, name)
        np.testing.assert_allclose(padded_mean.total, mean.total, rtol=1e-4)
        assert int(padded_mean.count) == int(mean.count) == 5


def test_merging_batches_equals_one_batch():
    state, step = initial(), jax.jit(functools.partial(steps.eval_step, **OPTIONS))
    full = batch(size=10)
    halves = [{k: v[i : i + 5] for k, v in full.items()} for i in (0, 5)]
    merged = BatchMetrics.merge([step(state, half) for half in halves]).compute()
    whole = step(state, full).compute()
    assert merged == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("missing", ["density", "counts"])
def test_density_only_and_points_only_data_train(missing):
    data = batch()
    data[missing] = np.zeros_like(data[missing])
    mesh, step = compiled(8)
    state, metrics = step(initial(), put(data, mesh))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(state.params))
    absent = {"density": "KL", "counts": "NSS"}[missing]
    assert absent not in metrics.compute()
    moved = jax.tree.map(lambda a, b: np.abs(a - b).max(), state.params, initial().params)
    assert max(jax.tree.leaves(moved)) > 0

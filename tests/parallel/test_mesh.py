"""One program, one result: whatever the mesh, and wherever the optimiser's state."""

import functools
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import optax
import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.parallel.mesh import check_heights, local_batch_size, make_mesh
from samjax.training import compiled, run
from samjax.training.checkpoint import Checkpoints
from samjax.training.checkpoint_reading import Found
from samjax.training.config import read_experiment
from samjax.training.experiment import Experiment
from samjax.training.state import TrainState

# Momentum has a state to split; Adam would blow rounding up where a gradient is nearly zero.
TX = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(1e-2, momentum=0.9))


class Fresh:
    """Stands for a work folder that has no checkpoint yet."""

    def find(self) -> Found:
        return Found(None, [])


class Program(NamedTuple):
    """A compiled training step, and what belongs to it."""

    experiment: Experiment
    first: compiled.FirstState
    step: compiled.TrainStep


@functools.cache
def program(data_dir: Path, devices: int, space: int = 1, shard: bool = False) -> Program:
    """The program on so many devices, made once for all tests."""
    config = tiny_config(data_dir)
    config.data.input_size = (64, 80)
    config.train.update(space=space, shard_optimizer=shard)
    experiment = replace(read_experiment(config, jax.devices()[:devices]), tx=TX)
    first = compiled.plan_state(experiment)
    return Program(experiment, first, compiled.compile_train_step(experiment, first))


def losses(program: Program, steps: int, checkpoints=None) -> tuple[list[float], TrainState]:
    """Of some steps from the last checkpoint on, and the last state."""
    experiment, first, step = program
    state, start = compiled.restore_or_create(checkpoints or Fresh(), experiment, first)
    batches = run.batches_from(start, experiment)
    found = []
    for _ in range(steps):
        _, batch = next(batches)
        state, metrics = step(state, batch)
        found.append(metrics.compute()["loss"])
    return found, state


@pytest.fixture(scope="module")
def alone(data_dir):
    """Ten steps on one device."""
    return losses(program(data_dir, 1), 10)[0]


@pytest.mark.parametrize(("space", "shard"), [(1, True), (2, False)])
def test_eight_devices_have_the_losses_of_one(alone, data_dir, space, shard):
    found, state = losses(program(data_dir, 8, space, shard), 10)
    if space == 1:
        np.testing.assert_allclose(found, alone, rtol=1e-5)
    else:  # sums over an image are in another order, and training blows rounding up
        np.testing.assert_allclose(found[:2], alone[:2], rtol=1e-5)
        np.testing.assert_allclose(found, alone, rtol=1e-3)
    kernels = [leaf for leaf in jax.tree.leaves(state.opt_state) if leaf.size > 500]
    assert all(k.sharding.is_fully_replicated != shard for k in kernels)
    if shard:
        local = kernels[0].addressable_shards[0].data
        assert local.size * 8 == kernels[0].size


def test_a_run_goes_on_with_another_number_of_devices(alone, data_dir, tmp_path):
    found: list[float] = []
    for devices in (8, 1, 8):
        checkpoints = Checkpoints(tmp_path)
        further, state = losses(program(data_dir, devices, shard=devices > 1), 3, checkpoints)
        found += further
        checkpoints.save(len(found), state)
        checkpoints.close()
    # The same images, random changes and dropout; only sums over the batch are in another order.
    np.testing.assert_allclose(found, alone[:9], rtol=1e-5)


def test_a_split_optimizer_is_restored_on_any_mesh(data_dir, tmp_path):
    config = tiny_config(data_dir)
    split, on_one = (
        replace(read_experiment(config, devices), shard_optimizer=shard)
        for devices, shard in ((None, True), (jax.devices()[:1], False))
    )
    checkpoints = Checkpoints(tmp_path)
    state, _ = compiled.restore_or_create(Fresh(), split, compiled.plan_state(split))
    checkpoints.save(1, state)
    checkpoints.close()
    checkpoints = Checkpoints(tmp_path)
    restored, step = compiled.restore_or_create(checkpoints, on_one, compiled.plan_state(on_one))
    checkpoints.close()
    assert step == 1
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(restored), jax.device_get(state))


def test_what_does_not_divide_is_told_with_what_does():
    with pytest.raises(UserError, match="one of 1, 2, 4, 8"):
        make_mesh(space=3)
    with pytest.raises(UserError, match="batch_size=8"):
        local_batch_size(5, make_mesh(space=2))
    with pytest.raises(UserError, match=r"train.space=2; set --config.train.space=1"):
        check_heights(make_mesh(space=2), 65, 17)
    with pytest.raises(UserError, match="at least 64 pixels high, not 32"):
        check_heights(make_mesh(space=2), 32, 8)

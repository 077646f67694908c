"""The compiled training step, and the state that it works on."""

import functools
import sys
from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np

from samjax.parallel.mesh import in_order, replicated, state_shardings
from samjax.training import steps
from samjax.training.checkpoint import Checkpoints
from samjax.training.experiment import Experiment
from samjax.training.initialize import start_from
from samjax.training.state import TrainState, create_state


class FirstState(NamedTuple):
    """How the state before the first step is made, and where it lies."""

    init: Callable[[jax.Array], TrainState]  # of `random_key`
    abstract: TrainState  # shapes and types in place of arrays
    shardings: TrainState  # where each array lies on the mesh


def plan_state(experiment: Experiment) -> FirstState:
    """Return the plan of an experiment's first state; nothing is computed yet."""

    def init(key: jax.Array) -> TrainState:
        return create_state(
            experiment.model,
            experiment.tx,
            jax.random.wrap_key_data(key),
            experiment.input_size,
            keep_ema=experiment.ema_decay > 0,
        )

    abstract = jax.eval_shape(init, random_key(experiment))
    shardings = state_shardings(abstract, experiment.mesh, experiment.shard_optimizer)
    return FirstState(init, abstract, shardings)


def compile_train_step(experiment: Experiment, first: FirstState) -> Callable:
    """Return the training step compiled for the mesh.

    Batches are split over the devices and the state lies where `state_shardings` says. The step
    gives its state up (donates it), so that its memory is used again for the new one.
    """
    step = functools.partial(
        steps.train_step,
        model=experiment.model,
        tx=experiment.tx,
        loss=experiment.loss,
        ema_decay=experiment.ema_decay,
    )
    mesh = experiment.mesh

    def ordered_step(state: TrainState, batch: steps.Batch, key: jax.Array) -> tuple:
        return step(state, in_order(batch, mesh), jax.random.wrap_key_data(key))

    compiled = jax.jit(
        ordered_step,
        donate_argnums=0,
        in_shardings=(first.shardings, None, replicated(mesh)),
        out_shardings=(first.shardings, replicated(mesh)),
    )
    key = jax.device_put(random_key(experiment), replicated(mesh))
    return lambda state, batch: compiled(state, batch, key)


def random_key(experiment: Experiment) -> np.ndarray:
    """Return the key of an experiment's random numbers, as the numbers that it consists of.

    Compiled programs take it as an argument. As a constant it would be a part of the program, and
    each seed would compile one of its own.
    """
    return np.asarray(jax.random.key_data(jax.random.key(experiment.seed)))


def restore_or_create(
    checkpoints: Checkpoints, experiment: Experiment, first: FirstState
) -> tuple[TrainState, int]:
    """Return the state to go on with and its step: the latest checkpoint's, or a new one's.

    Raises:
        UserError: The checkpoint belongs to another network or optimiser, or the weights to start
            from do not fit.
    """
    latest = checkpoints.latest_step()
    if latest is None:
        # Every process makes the same state, and gives its devices their parts of it.
        state = start_from(
            jax.jit(first.init)(random_key(experiment)), experiment.start, experiment.model
        )
        return jax.tree.map(jax.device_put, jax.device_get(state), first.shardings), 0
    abstract = jax.tree.map(
        lambda leaf, sharding: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding),
        first.abstract,
        first.shardings,
    )
    print(f"resuming from step {latest}", file=sys.stderr)
    return checkpoints.restore(abstract, latest), latest

"""The compiled training step, and the state that it works on."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np

from samjax.console.log import log
from samjax.errors import UserError
from samjax.parallel.mesh import in_order, replicated, state_shardings
from samjax.training import steps
from samjax.training.checkpoint import Checkpoints
from samjax.training.experiment import Experiment
from samjax.training.initialize import check_start, start_from
from samjax.training.record import DamagedError
from samjax.training.resuming import check_same_run
from samjax.training.state import TrainState, create_state
from samjax.training.teacher import read_teacher, teaching


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


@dataclass(frozen=True)
class TrainStep:
    """The training step: a function of a state and a batch, see `steps.train_step`.

    Attributes:
        program: As `jax.jit` makes it, of a state, a batch and `constants`.
        constants: The key, and a teacher's variables. They are arguments of the program; as
            constants they would be a part of it, and each seed would compile one of its own.
    """

    program: Any
    constants: tuple

    def __call__(self, state: TrainState, batch: steps.Batch) -> tuple:
        """Return the next state and the metrics; the state is given up."""
        return self.program(state, batch, *self.constants)


def compile_train_step(experiment: Experiment, first: FirstState) -> TrainStep:
    """Return the training step compiled for the mesh, when it is first called.

    Batches are split over the devices and the state lies where `state_shardings` says. The step
    gives its state up (donates it), so that its memory is used again for the new one.
    """
    step = functools.partial(
        steps.train_step,
        model=experiment.model,
        tx=experiment.tx,
        loss=experiment.loss,
        ema_decay=experiment.ema_decay,
        frozen=experiment.frozen,
    )
    mesh = experiment.mesh
    compiled = functools.partial(
        jax.jit, donate_argnums=0, out_shardings=(first.shardings, replicated(mesh))
    )

    def ordered_step(state: TrainState, batch: steps.Batch, key: jax.Array) -> tuple:
        return step(state, in_order(batch, mesh), jax.random.wrap_key_data(key))

    key = jax.device_put(random_key(experiment), replicated(mesh))
    teacher = read_teacher(experiment)
    if teacher is None:
        in_shardings = (first.shardings, None, replicated(mesh))
        return TrainStep(compiled(ordered_step, in_shardings=in_shardings), (key,))
    variables = jax.device_put(teacher.variables, replicated(mesh))
    taught = compiled(
        teaching(ordered_step, teacher),
        in_shardings=(first.shardings, None, replicated(mesh), replicated(mesh)),
    )
    return TrainStep(taught, (key, variables))


def random_key(experiment: Experiment) -> np.ndarray:
    """Return the key of an experiment's random numbers, as the numbers that it consists of."""
    return np.asarray(jax.random.key_data(jax.random.key(experiment.seed)))


def restore_or_create(
    checkpoints: Checkpoints, experiment: Experiment, first: FirstState
) -> tuple[TrainState, int]:
    """Return the state to go on with and its step: the newest whole checkpoint's, or a new one's.

    Checkpoints that are damaged are told and set aside, once it is sure that the run may go on.

    Raises:
        UserError: The checkpoint belongs to another network, optimiser, configuration or data, no
            checkpoint is whole, or the weights to start from do not fit.
    """
    found = checkpoints.find()
    if found.newest is None and not found.damaged:
        check_start(experiment.start)
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
    while found.newest is not None:
        step = found.newest.step
        check_same_run(found.newest, checkpoints.made_with, checkpoints.folder.parent)
        for error in found.damaged:
            checkpoints.set_aside(error)
        try:
            state = checkpoints.restore(abstract, step)
        except DamagedError as error:
            if found.newest.files is not None:
                raise  # what was written is there, so another one would fail as well
            checkpoints.set_aside(error)
            found = checkpoints.find()
            continue
        log(f"resuming from step {step}")
        return state, step
    raise UserError(
        f"no checkpoint in {checkpoints.folder} is whole ({found.damaged[0].problem}); put a copy "
        "back, choose another --workdir, or train anew here with --restart"
    )

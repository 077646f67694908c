"""A step that was not finite, again and slowly: what in it first is not finite.

The step is computed in parts: what went in; the network module by module, in the order in which
they are called; the terms of the loss; the gradient of each parameter, in the order in which the
gradient reaches them, from the loss backwards; and once more under `jax_debug_nans`, which names
the operation and its line. The parts are other programs than the training's, so their last bits may
differ.
"""

from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from samjax.training.config import read_experiment
from samjax.training.config_file import parse_config
from samjax.training.experiment import Experiment
from samjax.training.nan_cases import ABOUT, NAN, Case, read_case
from samjax.training.not_finite import (
    Step,
    forward,
    gradients_line,
    inputs_line,
    loss_lines,
    module_line,
    operation_line,
)
from samjax.training.steps import mean_loss
from samjax.training.teacher import read_teacher


def replay(workdir: Path, step: int | None = None) -> list[str]:
    """Return what was not finite in a step that a run has kept, a line each, the first cause first.

    Args:
        workdir: Of the run.
        step: The step; None for the latest one that is kept.

    Raises:
        UserError: There is no such step, it is damaged, or its teacher is not to be had.
    """
    case = read_case(workdir, step)
    number = case.about["step"]
    where = workdir / NAN / f"step_{number}" / ABOUT
    config = parse_config(case.about["config"], where)
    config.train.space = 1  # one device has the whole batch
    experiment = read_experiment(config, jax.devices()[:1], without_data=True)
    again = prepare(case, experiment)
    calls, output = forward(again)
    lines = [
        f"step {number}: {' and '.join(case.about['not_finite'])} not finite in training",
        *inputs_line(case),
        *module_line(calls),
        *loss_lines(output, case.about["images"]),
        *gradients_line(again, [call.module for call in calls]),
    ]
    if len(lines) == 1:
        lines.append(
            "in parts the step is finite: its parts add in another order than the program of the "
            "training; look for values near the largest of their type"
        )
    return [*lines, *operation_line(again)]


def prepare(case: Case, experiment: Experiment) -> Step:
    """Return the step of a case, with the dropout and the teacher of the training."""
    key = jax.random.wrap_key_data(jnp.asarray(case.about["key"], jnp.uint32))
    at_step = jax.random.fold_in(key, case.state["step"])
    batch: dict[str, Any] = {name: jnp.asarray(value) for name, value in case.batch.items()}
    teacher = read_teacher(experiment)
    if teacher is not None:
        batch = jax.jit(teacher)(batch, teacher.variables, jax.random.fold_in(at_step, 1))
    loss = partial(
        mean_loss,
        batch_stats=case.state["batch_stats"],
        batch=batch,
        dropout_key=at_step,
        # Recomputing changes no value, and hides the calls of what is recomputed.
        model=experiment.model.clone(remat=False),
        loss=experiment.loss,
        frozen=experiment.frozen,
    )
    return Step(loss, case.state["params"])

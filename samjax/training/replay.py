"""A step that was not finite, again and slowly: what in it first is not finite.

The step is computed in parts: what went in; the network module by module, in the order in which
they are called; the terms of the loss; the gradient of each parameter, in the order in which the
gradient reaches them, from the loss backwards; and once more under `jax_debug_nans`, which names
the operation and its line. The parts are other programs than the training's, so their last bits may
differ.
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from samjax.errors import one_line
from samjax.training.config import read_experiment
from samjax.training.config_file import parse_config
from samjax.training.experiment import Experiment
from samjax.training.nan_cases import ABOUT, NAN, Case, read_case
from samjax.training.state import CHECKED
from samjax.training.steps import mean_loss
from samjax.training.teacher import read_teacher

PACKAGE = str(Path(__file__).parents[1])
MOST_NAMED = 3  # of the things of one kind that are not finite


class Call(NamedTuple):
    """A call of a module: the module's name, and whether all that it returned was finite."""

    module: str
    finite: bool


class Step(NamedTuple):
    """What a step is computed of.

    Attributes:
        loss: The loss of the parameters, see `mean_loss`.
        params: The parameters before the step.
        batch: The global batch, with a teacher's maps where there is one.
    """

    loss: Callable
    params: Any
    batch: dict[str, Any]


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
        *_inputs(case),
        *_modules(calls),
        *_losses(output, case.about["images"]),
        *_gradients(again, [call.module for call in calls]),
    ]
    if len(lines) == 1:
        lines.append(
            "in parts the step is finite: its parts add in another order than the program of the "
            "training; look for values near the largest of their type"
        )
    return [*lines, *_operation(again)]


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
    return Step(loss, case.state["params"], batch)


def forward(again: Step) -> tuple[list[Call], Any]:
    """Return the calls of all modules in their order, and what the loss returned."""
    calls: list[Call] = []
    with _recorded(calls):
        output = jax.jit(again.loss)(again.params)
        jax.effects_barrier()
    return calls, jax.device_get(output)


@contextmanager
def _recorded(calls: list[Call]) -> Iterator[None]:
    """Add each call of a module within the block to a list, also those within a scan."""

    def note(name: str, finite: Any) -> None:
        calls.append(Call(name, bool(finite)))

    def intercept(method: Callable, arguments: Any, options: Any, context: Any) -> Any:
        result = method(*arguments, **options)
        name = context.method_name
        if not name.startswith("_") or name == "__call__":
            leaves = jax.tree.leaves(result)
            floats = [x for x in leaves if jnp.issubdtype(jnp.result_type(x), jnp.inexact)]
            path = "/".join(context.module.path) or "the whole network"
            place = path if name == "__call__" else f"{path}.{name}"
            finite = jnp.stack([jnp.isfinite(x).all() for x in floats]).all() if floats else True
            jax.debug.callback(partial(note, place), finite, ordered=True)
        return result

    with nn.intercept_methods(intercept):
        yield


def _inputs(case: Case) -> list[str]:
    """Return a line about values of the state and the batch that are not finite."""
    trees = {name: case.state[name] for name in CHECKED if name in case.state}
    wrong = [
        jax.tree_util.keystr(path, simple=True, separator="/")
        for path, leaf in jax.tree.leaves_with_path(trees | {"batch": dict(case.batch)})
        if not _is_finite(leaf)
    ]
    return [f"went in and is not finite: {_some(wrong)}"] if wrong else []


def _modules(calls: list[Call]) -> list[str]:
    """Return a line about the first module whose output is not finite."""
    for position, call in enumerate(calls):
        if not call.finite:
            alike = sum(other.module == call.module for other in calls)
            nth = 1 + sum(other.module == call.module for other in calls[:position])
            which = f", in its call {nth} of {alike}" if alike > 1 else ""
            before = f"; {calls[position - 1].module} before it is" if position else ""
            return [f"first module whose output is not finite: {call.module}{which}{before}"]
    return []


def _losses(output: Any, images: list[str]) -> list[str]:
    """Return lines about the terms of the loss and the images where they are not finite."""
    mean, (terms, per_image, _) = output
    wrong = [name for name, value in terms._asdict().items() if not _is_finite(value)]
    lines = [f"terms of the loss that are not finite: {', '.join(wrong)}"] if wrong else []
    if not np.isfinite(mean):
        bad = np.flatnonzero(~np.isfinite(per_image))
        lines.append(f"images whose loss is not finite: {_some([images[i] for i in bad])}")
    return lines


def _gradients(again: Step, called: list[str]) -> list[str]:
    """Return a line about the parameters whose gradient is not finite, the loss's nearest first."""
    gradients = jax.device_get(jax.jit(jax.grad(again.loss, has_aux=True))(again.params)[0])
    last_call = {module.partition(".")[0]: position for position, module in enumerate(called)}

    def position(name: str) -> int:
        while name and name not in last_call:
            name = name.rpartition("/")[0]
        return last_call.get(name, -1)

    names = {
        jax.tree_util.keystr(path, simple=True, separator="/"): leaf
        for path, leaf in jax.tree.leaves_with_path(gradients)
    }
    wrong = [name for name, leaf in names.items() if not _is_finite(leaf)]
    wrong.sort(key=lambda name: -position(name.rpartition("/")[0]))
    if not wrong:
        return []
    return [
        f"parameters whose gradient is not finite, {len(wrong)} of {len(names)}, the nearest to "
        f"the loss first: {_some(wrong)}"
    ]


def _operation(again: Step) -> list[str]:
    """Return a line about the operation that first gives a NaN, and its place in the source."""
    try:
        with jax.debug_nans(True):
            jax.block_until_ready(jax.jit(jax.grad(again.loss, has_aux=True))(again.params))
    except FloatingPointError as error:
        frames = [
            frame
            for cause in (error, error.__cause__)
            if cause is not None
            for frame in traceback.extract_tb(cause.__traceback__)
            if frame.filename.startswith(PACKAGE) and frame.filename != __file__
        ]
        text = one_line(error).partition(". ")[0]
        if not frames:
            return [f"jax_debug_nans: {text}"]
        place = Path(frames[-1].filename).relative_to(Path(PACKAGE).parent)
        return [f"jax_debug_nans: {text}, at {place}:{frames[-1].lineno} ({frames[-1].line})"]
    return ["jax_debug_nans: no operation gives a NaN, so what is not finite is infinite"]


def _is_finite(leaf: Any) -> bool:
    array = jnp.asarray(leaf)
    return not jnp.issubdtype(array.dtype, jnp.inexact) or bool(jnp.isfinite(array).all())


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more

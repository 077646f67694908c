"""What in a training step is not finite: each part of it, as a line for people.

Modules are told in the order in which they are called, parameters in the order in which the
gradient reaches them.
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
from samjax.training.nan_cases import Case
from samjax.training.state import CHECKED

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
    """

    loss: Callable
    params: Any


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


def inputs_line(case: Case) -> list[str]:
    """Return a line about values of the state and the batch that are not finite."""
    trees = {name: case.state[name] for name in CHECKED if name in case.state}
    wrong = [
        jax.tree_util.keystr(path, simple=True, separator="/")
        for path, leaf in jax.tree.leaves_with_path(trees | {"batch": dict(case.batch)})
        if not _is_finite(leaf)
    ]
    return [f"went in and is not finite: {_some(wrong)}"] if wrong else []


def module_line(calls: list[Call]) -> list[str]:
    """Return a line about the first module whose output is not finite."""
    for position, call in enumerate(calls):
        if not call.finite:
            alike = sum(other.module == call.module for other in calls)
            nth = 1 + sum(other.module == call.module for other in calls[:position])
            which = f", in its call {nth} of {alike}" if alike > 1 else ""
            before = f"; {calls[position - 1].module} before it is" if position else ""
            return [f"first module whose output is not finite: {call.module}{which}{before}"]
    return []


def loss_lines(output: Any, images: list[str]) -> list[str]:
    """Return lines about the terms of the loss and the images where they are not finite."""
    mean, (terms, per_image, _) = output
    wrong = [name for name, value in terms._asdict().items() if not _is_finite(value)]
    lines = [f"terms of the loss that are not finite: {', '.join(wrong)}"] if wrong else []
    if not np.isfinite(mean):
        bad = np.flatnonzero(~np.isfinite(per_image))
        lines.append(f"images whose loss is not finite: {_some([images[i] for i in bad])}")
    return lines


def gradients_line(again: Step, called: list[str]) -> list[str]:
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


def operation_line(again: Step) -> list[str]:
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

"""Work folders with damaged checkpoints, and what resuming and loading make of them."""

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from samjax.errors import UserError
from samjax.training.checkpoint import Checkpoints
from samjax.training.checkpoint_reading import read_items
from samjax.training.compiled import FirstState, plan_state, restore_or_create
from samjax.training.config import read_experiment
from samjax.training.experiment import Experiment
from samjax.training.record import (
    ORBAX_DESCRIPTION,
    ORBAX_SCORE,
    RECORD,
    SCORE,
    read_record,
    write_record,
)
from samjax.training.restore import read_weights
from samjax.training.resuming import made_with
from samjax.training.state import TrainState

ITEMS = ("step", "params", "batch_stats", "opt_state", "ema", "best", "best_step")


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    if data:  # an empty file has no byte to change
        data[2 * len(data) // 3] ^= 0x10
    path.write_bytes(data)


def garbage(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(np.random.default_rng(size).bytes(size))


DAMAGES = (remove, empty, cut, flip, garbage)


class Run(NamedTuple):
    """A trained work folder, and all that is needed to resume and to compare.

    Attributes:
        workdir: The folder, which nothing changes.
        experiment: Its experiment.
        first: The plan of its state.
        newest: The step of its newest checkpoint.
        best: The step of its best one.
        saved: The items of each checkpoint as they were written.
    """

    workdir: Path
    experiment: Experiment
    first: FirstState
    newest: int
    best: int
    saved: dict[int, dict[str, Any]]


def of_workdir(workdir: Path, config: Any) -> Run:
    """Return what is needed of a work folder that was trained with a config."""
    experiment = read_experiment(config, jax.devices()[:1])
    checkpoints = Checkpoints(workdir / "checkpoints")
    saved = {
        step: jax.device_get(read_items(checkpoints.folder / str(step), ITEMS))
        for step in checkpoints.steps
    }
    newest, best = checkpoints.latest_step(), checkpoints.best_step
    assert newest is not None
    assert best is not None
    return Run(workdir, experiment, plan_state(experiment), newest, best, saved)


Reader = Callable[[Run, Path], str]
"""Reads a work folder that may be damaged, and returns the outcome."""


def resume(run: Run, workdir: Path) -> str:
    """Resume as the training loop does, and return the outcome."""
    state, step = resumed(run, workdir)
    if step != run.newest:
        aside = workdir / "checkpoints" / f"damaged-{run.newest}"
        return "fell back" if aside.is_dir() and same_state(run, state, step) else "wrong"
    return "right" if same_state(run, state, step) else "wrong"


def resumed(run: Run, workdir: Path) -> tuple[TrainState, int]:
    checkpoints = Checkpoints(workdir / "checkpoints", 2, made_with(run.experiment))
    try:
        return restore_or_create(checkpoints, run.experiment, run.first)
    finally:
        checkpoints.close()


def same_state(run: Run, state: TrainState, step: int) -> bool:
    """Return whether a state is bit for bit what the checkpoint of the step was made from."""
    ours = {item: jax.tree.leaves(jax.device_get(getattr(state, item))) for item in ITEMS}
    theirs = {item: jax.tree.leaves(run.saved[step][item]) for item in ITEMS}
    return all(same_bits(ours[item], theirs[item]) for item in ITEMS)


def same_bits(left: list, right: list) -> bool:
    pairs = list(zip(left, right, strict=True))
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in pairs)


def load(run: Run, workdir: Path) -> str:
    """Load the model as prediction does, and return the outcome."""
    read = read_weights(workdir)
    right = run.saved[run.best]["ema"]
    same = same_bits(jax.tree.leaves(read.variables), jax.tree.leaves(right))
    return "right" if same and read.origin.endswith(f"step {run.best}") else "wrong"


def outcome(reader: Reader, run: Run, workdir: Path) -> tuple[str, str]:
    """Return the outcome of a reader and what it said."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return reader(run, workdir), said.getvalue()
    except UserError as error:
        return "refused" if "\n" not in str(error) else "traceback", str(error)
    except Exception as error:
        return "traceback", f"{type(error).__name__}: {error}"


def make_best(workdir: Path, step: int) -> None:
    """Give a checkpoint of a work folder the highest score."""
    folder = workdir / "checkpoints" / str(step)
    write_record(folder, read_record(folder)._replace(score=0.0))


def as_former(workdir: Path) -> None:
    """Make the checkpoints of a work folder as versions before the digests wrote them."""
    for step in Checkpoints(workdir / "checkpoints").steps:
        folder = workdir / "checkpoints" / str(step)
        score = read_record(folder).score
        (folder / RECORD).unlink()
        description = folder / ORBAX_DESCRIPTION
        fields = json.loads(description.read_text()) | {"custom_metadata": {}}
        if score is not None:
            fields["item_handlers"]["metrics"] = "a handler"
            (folder / ORBAX_SCORE).parent.mkdir()
            (folder / ORBAX_SCORE).write_text(json.dumps({SCORE: score}))
        description.write_text(json.dumps(fields))

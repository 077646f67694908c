"""Damages every file of a checkpoint in five ways, and counts what resuming and reading make of it.

    python -m tests.campaigns.damage [--former] [--quick]

The checkpoints are those of a tiny run. Each file of the newest and of the best one is removed,
emptied, cut in half, changed by one byte, and replaced by garbage; then the run is resumed, a
photograph is predicted and the validation split is evaluated. The outcomes are

    right         the newest (of resuming) or the best checkpoint, bit for bit, was used
    fell back     resuming used an older whole one, bit for bit, and told what is wrong in one line
    refused       one line says which checkpoint is damaged and what to do
    traceback     any other exception
    wrong         anything else was used, in silence

With --former the checkpoints are as versions before the digests wrote them. With --quick the model
is loaded, bit for bit, in place of predicting and evaluating with it.
"""

import argparse
import collections
import contextlib
import functools
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import jax
import numpy as np

from samjax.errors import UserError
from samjax.evaluation import evaluate
from samjax.prediction.predictor import load_model
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
    from samjax.training.restore import read_weights

    read = read_weights(workdir)
    right = run.saved[run.best]["ema"]
    same = same_bits(jax.tree.leaves(read.variables), jax.tree.leaves(right))
    return "right" if same and read.origin.endswith(f"step {run.best}") else "wrong"


def predicting(run: Run) -> Reader:
    """Return a reader that predicts an image."""
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    right = load_model(run.workdir)(image).density

    def predict(run: Run, workdir: Path) -> str:
        same = (load_model(workdir)(image).density == right).all()
        return "right" if same else "wrong"

    return predict


def evaluating(run: Run) -> Reader:
    """Return a reader that evaluates the validation split, as `experiments.evaluate` does."""
    # Baselines and intervals need no checkpoint, and take longer than all the rest.
    quick = functools.partial(evaluate.evaluate, baselines=False, trials=0)

    def scores(workdir: Path) -> str:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            mock.patch.object(evaluate, "evaluate", quick),
        ):
            summary = evaluate.evaluate_workdir(run.experiment.config, workdir)
        return json.dumps(summary["scores"], sort_keys=True)

    right = scores(run.workdir)

    def evaluate_it(run: Run, workdir: Path) -> str:
        return "right" if scores(workdir) == right else "wrong"

    return evaluate_it


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


def damaged_copies(run: Run, scratch: Path, steps: set[int]) -> Iterator[tuple[str, str, Path]]:
    """Yield the name of a file, the damage, and a copy of the work folder with it."""
    for step in sorted(steps):
        folder = run.workdir / "checkpoints" / str(step)
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            for damage in DAMAGES:
                name = file.relative_to(run.workdir)
                copy = scratch / "copy"
                shutil.copytree(run.workdir, copy)
                damage(copy / name)
                if not (copy / name).is_file() or (copy / name).read_bytes() != file.read_bytes():
                    yield str(name), damage.__name__, copy
                shutil.rmtree(copy)


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


def campaign(run: Run, scratch: Path, readers: dict[str, Reader]) -> collections.Counter:
    """Return how often each reader had each outcome; print what must not be."""
    counts: collections.Counter = collections.Counter()
    for name, damage, copy in damaged_copies(run, scratch, {run.newest, run.best}):
        print(f"{name} {damage}", end="\r", file=sys.stderr, flush=True)
        for reader, read in readers.items():
            result, said = outcome(read, run, copy)
            counts[reader, result] += 1
            if result in ("traceback", "wrong"):
                print(f"{reader}: {name} {damage}: {result}: {said.strip()[:300]}", flush=True)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--former", action="store_true", help="checkpoints without digests")
    parser.add_argument("--quick", action="store_true", help="only resume and load")
    args = parser.parse_args()
    from tiny_training import prepare, tiny_config

    from samjax.training.loop import train

    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        jax.config.update("jax_compilation_cache_dir", str(scratch / "programs"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        config = tiny_config(prepare(scratch / "data"))
        train(config, scratch / "run", jax.devices()[:1])
        make_best(scratch / "run", 9)
        run = of_workdir(scratch / "run", config)
        if args.former:
            as_former(run.workdir)
        readers: dict[str, Reader] = {"load": load}
        if not args.quick:
            readers = {"predict": predicting(run), "evaluate": evaluating(run)}
        # Resuming comes last, because it sets aside what it finds.
        readers["resume"] = resume
        counts = campaign(run, scratch, readers)
    for reader in readers:
        found = ", ".join(f"{n} {result}" for (r, result), n in counts.items() if r == reader)
        print(f"{reader}: {found}")


if __name__ == "__main__":
    main()

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
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import jax
import numpy as np

from samjax.evaluation import evaluate
from samjax.prediction.predictor import load_model
from tests.campaigns.damaged import (
    DAMAGES,
    Reader,
    Run,
    as_former,
    load,
    make_best,
    of_workdir,
    outcome,
    resume,
)


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

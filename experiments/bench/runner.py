"""Runs the steps of a benchmark within its time, and goes on where one was interrupted."""

import importlib
import math
import time
from collections.abc import Sequence
from pathlib import Path

from experiments.bench import contenders
from experiments.bench.budget import Budget
from experiments.bench.cells import FAILED, LEFT_OUT, UNDER_WAY, describe, is_complete, stated
from experiments.bench.identity import difference
from experiments.bench.plan import Plan
from experiments.bench.progress import Progress
from experiments.bench.report import SUBJECTS, ResultFile, write_overview
from experiments.bench.schedule import Step, make_steps
from samjax.console.log import log
from samjax.errors import UserError
from samjax.files.json_file import read_json

NAME = "benchmark"
OF_ONE_NETWORK = ("case", "predict_batches", "train_batch", "timesteps")
"""What only subjects with one network have of the plan; the others' cells tell of theirs."""


def run_subjects(
    names: Sequence[str],
    output: Path,
    plan: Plan,
    seconds: float = math.inf,
    restart: bool = False,
) -> None:
    """Measure subjects within a time, and write every figure as soon as it is there.

    Each subject has a `NAME.json`; all that is in the folder, results of earlier runs included, is
    in one table and one plot. What is there already, of the same machine, versions, plan and code,
    is kept and not measured again.

    Args:
        names: The subjects, of SUBJECTS.
        output: The folder of the results.
        plan: How much is measured.
        seconds: After how many nothing is measured any more.
        restart: Whether to measure what is there again.

    Raises:
        UserError: A subject is unknown.
    """
    _check(names)
    for name, line in contenders.absent().items():
        log(f"{name}: {line}")
    if plan.case.dtype == "float32":
        contenders.use_exact_float32()
    steps = make_steps(names, plan)
    budget = Budget(time.time() + seconds)
    files = {name: _open(output / f"{name}.json", name, plan, restart) for name in names}
    try:
        with Progress(len(steps)) as progress:
            for number in range(len(steps)):
                _run_step(steps, number, files[steps[number].subject], budget, progress)
                write_overview(output, NAME, has_plot=False)
    finally:
        text = write_overview(output, NAME)
    print(text)
    if any(not step.is_done(files[step.subject].results) for step in steps):
        log("the same command measures what was left out or failed, and keeps the rest")


def _check(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        raise UserError(f"subject {unknown[0]!r} is unknown; choose of {', '.join(SUBJECTS)}")


def _open(path: Path, subject: str, plan: Plan, restart: bool) -> ResultFile:
    """Return the file of a subject, with the cells of an earlier run that may stay."""
    file = ResultFile(path, subject, plan)
    if restart or not path.is_file():
        return file
    before = read_json(path)
    reason = difference(file.about, before, OF_ONE_NETWORK if subject == "network" else ())
    if reason:
        log(f"{path} is measured anew: {reason}")
    else:
        file.results = before["results"]
    return file


def _run_step(
    steps: Sequence[Step], number: int, file: ResultFile, budget: Budget, progress: Progress
) -> None:
    """Measure a step, unless it is there or does not fit any more."""
    step, behind = steps[number], steps[number + 1 :]
    all_seconds = step.seconds + sum(other.seconds for other in behind)
    progress.begin(number + 1, step.name, budget.seconds_left(all_seconds))
    if step.is_done(file.results):
        progress.say(f"{step.name}: kept from an earlier run")
        _learn(budget, step, file, 0.0)
        return
    limit = budget.limit(step.seconds, sum(s.seconds for s in behind if not s.is_spare))
    if limit <= 0:
        _leave_out(step, file, budget, progress)
        return
    # What is left of it is begun anew, and of another subject nothing is there.
    mine = step.cells or tuple(file.results)
    file.results = {n: c for n, c in file.results.items() if n not in mine or is_complete(c)}
    start = time.time()
    plan = step.plan._replace(
        until=start + limit,
        deadline=budget.ends,
        tell=progress.tell,
        kept={name: cell for name, cell in file.results.items() if is_complete(cell)},
    )
    try:
        measure = importlib.import_module(f"experiments.bench.{step.subject}").measure
    except ModuleNotFoundError as error:
        progress.say(f"{step.name} needs {error.name}, which is not installed: left out")
        return
    try:
        file.write(measure(plan))
    except Exception as error:  # one that has no cells to tell it in
        file.put(step.name, {FAILED: describe(error)})
        progress.say(f"{step.name} failed: {describe(error)}")
        return
    _learn(budget, step, file, time.time() - start)
    progress.say(f"{step.name}: {_outcome(step, file)}")


def _learn(budget: Budget, step: Step, file: ResultFile, taken: float) -> None:
    """Tell the budget how long a step took at least: further rounds are no necessity."""
    for name in step.cells[:1]:
        cell = file.results.get(name)
        if isinstance(cell, dict) and "least_seconds" in cell:
            taken = cell["least_seconds"]
    if taken:
        budget.learn(step.seconds, taken)


def _leave_out(step: Step, file: ResultFile, budget: Budget, progress: Progress) -> None:
    """Say that a step does not fit, in the results of its subject too."""
    left, needed = max(0.0, budget.ends - time.time()), budget.pace * step.seconds
    reason = f"it takes about {needed:.0f} s, {left:.0f} s are left; --minutes allows more"
    progress.say(f"{step.name}: left out, {reason}")
    for name in step.cells or (step.name,):
        cell = file.results.get(name)
        if cell is None or stated(cell):  # what an interrupted run has of it stays
            file.put(name, {LEFT_OUT: reason})


def _outcome(step: Step, file: ResultFile) -> str:
    """Return what a step brought, in a line."""
    cells = [file.results.get(name) for name in step.cells]
    reasons = [stated(cell) for cell in cells if stated(cell)]
    if reasons:
        return reasons[0]
    cell = cells[0] if cells else None
    if not isinstance(cell, dict) or "contenders" not in cell:
        return "measured"
    medians = {n: t["seconds"] for n, t in cell["contenders"].items() if "seconds" in t}
    if not medians:
        return "only first calls fitted into the time"
    text = ", ".join(f"{name} {seconds:.3g} s" for name, seconds in medians.items())
    return text + (" (not all rounds)" if cell.get(UNDER_WAY) else "")

"""The parts of `experiments.gpu`, one after the other within a limit of time.

Each runs in a process of its own: one that crashes, hangs or runs out of memory takes nothing with
it but itself, what it had measured is written, and the memory of the device is free again.
"""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.bench.budget import seconds_of
from experiments.bench.report import write_overview
from samjax.console.log import log
from samjax.errors import UserError


class Part(NamedTuple):
    """A part of the program.

    Attributes:
        subject: The module of `experiments.bench` that measures it.
        least: Seconds that its first results take on an H100; with less left it is not begun.
        most: Seconds after which it must make way for the parts behind it.
    """

    subject: str
    least: float
    most: float


# In the order of their worth.
PARTS = {
    "parity": Part("parity", 75, 150),
    "pytorch": Part("network", 75, 230),
    "variants": Part("variants", 45, 110),
    "memory": Part("memory", 25, 80),
    "roofline": Part("roofline", 30, 60),
    "training": Part("training", 130, 600),
}
MEASURED = tuple(name for name in PARTS if name != "training")
LAST_CELL_SECONDS = 5
"""Nothing is begun so shortly before the limit of a part."""
GRACE_SECONDS = 5
"""For what a process that is asked to end must still do."""


class Task(NamedTuple):
    """What all parts have in common: where results go, whether in miniature, and the data."""

    output: Path
    quick: bool = False
    data_dir: str = ""


def check(names: Sequence[str]) -> None:
    """Check the names of parts.

    Raises:
        UserError: One is unknown.
    """
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise UserError(f"part {unknown[0]!r} is unknown; choose of {', '.join(PARTS)}")


def run_parts(names: Sequence[str], until: float, task: Task) -> str:
    """Run parts in the order of their worth, and return the table of all results.

    The table is written as `gpu.md` after each part, with a line for each that did not end well.

    Args:
        names: Of PARTS.
        until: The time (`time.time`) at which all is over.
        task: What they have in common.
    """
    check(names)
    waiting = [name for name in PARTS if name in names]
    notes: list[str] = []
    text = ""
    while waiting:
        name = waiting.pop(0)
        # Whatever the file holds is of an earlier run.
        (task.output / f"{PARTS[name].subject}.json").unlink(missing_ok=True)
        limit = seconds_for(name, waiting, until - time.time(), task.quick)
        if limit <= 0:
            left = max(0, until - time.time())
            note = f"left out, it needs {PARTS[name].least} s and {left:.0f} s are left"
        else:
            log(f"{name}: at most {limit:.0f} s")
            note = run_process(PARTS[name].subject, task, limit)
        if note:
            log(f"{name}: {note}")
            notes.append(f"- {name}: {note}")
        subjects = [part.subject for part in PARTS.values()]
        text = write_overview(task.output, "gpu", subjects, "\n".join(notes))
    return text


def seconds_for(name: str, waiting: Sequence[str], left: float, quick: bool = False) -> float:
    """Return how long a part may take, 0 where it should not begin.

    Args:
        name: The part.
        waiting: The parts behind it, which are to begin as well where that is possible.
        left: Seconds until all is over.
        quick: Whether it is a miniature, which takes no time worth mentioning.
    """
    part = PARTS[name]
    reserved = sum(PARTS[other].least for other in waiting)
    return seconds_of(
        0 if quick else part.least, part.most if waiting else math.inf, reserved, left
    )


def run_process(subject: str, task: Task, limit: float) -> str:
    """Measure a subject in a process of its own; return what went wrong, "" if nothing did."""
    fields = {"subject": subject, "output": str(task.output), "quick": task.quick}
    fields |= {"data_dir": task.data_dir, "until": time.time() + limit - LAST_CELL_SECONDS}
    command = [sys.executable, "-m", "experiments.bench.part", json.dumps(fields)]
    # A session of its own, so that whatever it starts, PyTorch's compilers too, ends with it.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return f"ended at its limit of {limit:.0f} s; what it had measured is kept"
        finally:
            _end(process)
    return _describe_end(process.returncode, output)


def _describe_end(status: int, output: str) -> str:
    """Return how a process ended, "" if well: its last line, or its status if it said nothing."""
    lines = output.strip().splitlines()
    if status == 0:
        return ""
    if status < 0:
        return f"ended by signal {-status}"
    return lines[-1] if lines else f"ended with status {status}"


def _end(process: subprocess.Popen) -> None:
    """End a process and all that it has started, where they still run."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signum)
            process.wait(GRACE_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue

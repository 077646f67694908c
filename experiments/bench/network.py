"""Whole networks, prediction and training step, beside others who run the same network."""

import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from experiments.bench import contenders
from experiments.bench.case import variables_of
from experiments.bench.cells import UNDER_WAY, Cell, Cells, describe, run_cells
from experiments.bench.plan import Plan
from experiments.bench.tasks import Task
from experiments.bench.timing import LEAST_ROUNDS, Timed, Turns, ratio
from samjax.errors import UserError

SLOW_TO_COMPILE = "pytorch compile"
ANOTHER_REFERENCE = "pytorch eager"
"""Whose outputs count where samjax runs another network."""


def measure(plan: Plan) -> Cells:
    """Yield the speed of all contenders at the plan's tasks.

    Yields:
        "predict, batch 1" and the like, after each contender's first call and after each round,
        with "contenders": seconds of each, "ratios": of their times to samjax's, "differences": of
        their outputs, "failures": of those that do not run here, "disagreements": of those whose
        outputs differ by more than rounding.
    """
    cells = {task.name: TaskCell(task, plan) for task in plan.tasks}
    # All that compiles within seconds first, whatever the task.
    yield from run_cells({name: cell.measure for name, cell in cells.items()}, plan)
    slow = {
        name: partial(cell.measure, [SLOW_TO_COMPILE])
        for name, cell in cells.items()
        if cell.is_open and SLOW_TO_COMPILE in contender_names(cell.task, plan)
    }
    # What remains knows by itself when time is over, and keeps what is measured.
    yield from run_cells(slow, plan._replace(until=math.inf, kept={}))


def contender_names(task: Task, plan: Plan) -> list[str]:
    """Return whose programs are timed at a task."""
    return contenders.names(task.kind, task.case.dtype, plan.every)


class TaskCell:
    """The cell of a task, as it grows.

    Args:
        task: What is timed.
        plan: How often.
    """

    def __init__(self, task: Task, plan: Plan) -> None:
        """Begin without a contender; see the class for the arguments."""
        self.task, self._plan = task, plan
        self._turns: Turns[str] = Turns()
        self._failures: dict[str, str] = {}
        self._found: dict[str, dict[str, float]] = {}
        self._start = time.time()
        self._least_seconds = 0.0
        self._reference = contenders.OURS if task.ours is None else ANOTHER_REFERENCE

    @property
    def is_open(self) -> bool:
        """Whether some contender has run, and others can be timed beside it."""
        return bool(self._turns.timed())

    def measure(self, names: Sequence[str] = ()) -> Iterator[Cell]:
        """Yield the cell after each contender's first call and after each round.

        Args:
            names: Who is added to those that are there; without any, all but the slow compiler.
        """
        if not names:
            self._start = time.time()
            names = [n for n in contender_names(self.task, self._plan) if n != SLOW_TO_COMPILE]
        elif self._plan.seconds_left <= 0:
            self._failures |= dict.fromkeys(names, "left out, the time was over")
            yield self._cell()
            return
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                self._plan.tell(f"    {name}: first call")
                self._add(name, Path(folder))
                yield self._cell() | {UNDER_WAY: True}
        self._check()
        yield from self._run_rounds()
        yield self._cell()

    def _add(self, name: str, folder: Path) -> None:
        """Compile a contender's program and call it once."""
        case = self.task.case
        if name == contenders.OURS and self.task.ours is not None:
            case = self.task.ours
        try:
            variables = variables_of(case)
            contenders.prepare(name, case, variables, folder)
            start = time.perf_counter()
            program = contenders.make_program(name, self.task.kind, case, variables, folder)
            self._turns.add(name, program, time.perf_counter() - start)
        except Exception as error:
            if name == contenders.OURS or not self._plan.keeps_going:
                raise
            self._failures[name] = describe(error)

    def _check(self) -> None:
        """Refuse to compare networks that differ, unless the plan keeps going and tells it."""
        lines = self._cell()["disagreements"].values()
        if lines and not self._plan.keeps_going:
            raise UserError(f"{next(iter(lines))}; nothing is compared")

    def _run_rounds(self) -> Iterator[Cell]:
        # Those of before a slow compiler was added are not of the same turns. They stay written
        # until there are as many again.
        before = self._turns.restart()
        for number in self._turns.rounds(self._plan.limits):
            if number <= LEAST_ROUNDS:
                self._least_seconds = time.time() - self._start
            self._plan.tell(f"    round {number} of at most {self._plan.rounds}")
            if number >= before:
                yield self._cell() | {UNDER_WAY: True}

    def _cell(self) -> Cell:
        """Return the cell as it is; without the least rounds it is not whole."""
        timed = self._turns.timed()
        ours = timed[contenders.OURS].rounds if contenders.OURS in timed else []
        ratios: dict[str, Any] = {
            name: ratio(timing.rounds, ours)
            for name, timing in timed.items()
            if name != contenders.OURS and timing.rounds
        }
        found = self._differences(timed)
        lines = contenders.disagreements(found, self.task.case.dtype, self._reference)
        found_rounds = max((len(timing.rounds) for timing in timed.values()), default=0)
        is_short = found_rounds < min(LEAST_ROUNDS, self._plan.rounds)
        cell = {
            "about": f"{self.task.network or self.task.name}: {self.task.about}",
            "contenders": {name: timing.summary() for name, timing in timed.items()},
            "ratios": ratios,
            "differences": found,
            "disagreements": lines,
            "failures": dict(self._failures),
            "least_seconds": self._least_seconds,
        }
        return cell | {UNDER_WAY: True} if is_short else cell

    def _differences(self, timed: dict[str, Timed]) -> dict[str, dict[str, float]]:
        """Return how far the outputs of the same network are from those of the reference.

        Each is compared once: first calls do not change, and a large batch takes its time.
        """
        new = {name: timing for name, timing in timed.items() if name not in self._found}
        if self.task.ours is not None:
            new.pop(contenders.OURS, None)
        if self._reference in timed:
            new |= {self._reference: timed[self._reference]}
            self._found |= contenders.differences(new, self._reference)
        return dict(self._found)

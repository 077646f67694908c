"""A subject's results, cell by cell: each is handed over as soon as it is there.

A cell is one line or a few of a table. What is left out because time is short, and what fails where
the plan keeps going, is a cell as well: {"left out": why} or {"failed": why}.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from experiments.bench.plan import Plan

LEFT_OUT, FAILED = "left out", "failed"
UNDER_WAY = "under way"
"""True in a cell that is to grow, and so in one that an interrupted run has left."""
TIME_OVER = "the time was over"
Cell = dict[str, Any]
Cells = Iterator[tuple[str, Cell]]
"""Names and values. A name that comes again replaces what it stood for."""


def run_cells(measures: Mapping[str, Callable[[], Cell | Iterator[Cell]]], plan: Plan) -> Cells:
    """Yield what functions measure, in their order.

    Args:
        measures: By the name of the cell: a function that gives its values, or one version of them
            after the other, each fuller than the one before.
        plan: When to stop, and what to do about a failure.
    """
    for name, measure in measures.items():
        if name in plan.kept:
            yield name, plan.kept[name]
            continue
        if plan.seconds_left <= 0:
            yield name, {LEFT_OUT: TIME_OVER}
            continue
        plan.tell(f"  {name}")
        cell: Cell = {}
        try:
            found = measure()
            for cell in [found] if isinstance(found, dict) else found:
                yield name, cell
        except Exception as error:
            if not plan.keeps_going:
                raise
            plan.tell(f"  {name} failed: {describe(error)}")
            yield name, _with_failure(cell, error)


def _with_failure(cell: Cell, error: Exception) -> Cell:
    """Return a cell that tells of a failure, with what was measured if it has place for both."""
    if "failures" not in cell:
        return {FAILED: describe(error)}
    whole = {key: value for key, value in cell.items() if key != UNDER_WAY}
    return whole | {"failures": cell["failures"] | {"what followed": describe(error)}}


def describe(error: Exception) -> str:
    """Return an error in one line of moderate length: its kind and its first words."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"


def stated(cell: Any) -> str:
    """Return why a cell has no values, "" if it has."""
    if isinstance(cell, dict):
        for reason in (LEFT_OUT, FAILED):
            if reason in cell:
                return f"{reason}: {cell[reason]}"
    return ""


def is_complete(cell: Any) -> bool:
    """Return whether a cell has all its values."""
    return not stated(cell) and not (isinstance(cell, dict) and cell.get(UNDER_WAY))

"""A subject's results, cell by cell: each is handed over as soon as it is there.

A cell is one line or a few of a table. What is left out because time is short, and what fails where
the plan keeps going, is a cell as well: {"left out": why} or {"failed": why}.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from experiments.bench.plan import Plan
from samjax.console.log import log

LEFT_OUT, FAILED = "left out", "failed"
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
        if plan.seconds_left <= 0:
            yield name, {LEFT_OUT: "the time was over"}
            continue
        log(f"  {name}")
        try:
            found = measure()
            for cell in [found] if isinstance(found, dict) else found:
                yield name, cell
        except Exception as error:
            if not plan.keeps_going:
                raise
            log(f"  {name} failed: {describe(error)}")
            yield name, {FAILED: describe(error)}


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

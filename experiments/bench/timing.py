"""Timing several programs fairly: in turn, in one process, medians with their spread."""

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import jax
import numpy as np

Name = TypeVar("Name", bound=Hashable)


class Timed(NamedTuple):
    """The times of a program, in seconds.

    Attributes:
        first: Of the first call, which compiles.
        rounds: Of one call in each round.
        result: What the first call gave.
    """

    first: float
    rounds: list[float]
    result: Any

    @property
    def median(self) -> float:
        """The median over the rounds."""
        return float(np.median(self.rounds))

    def summary(self) -> dict[str, Any]:
        """Return what the results' file keeps of the times."""
        return {
            **spread(self.rounds, "seconds"),
            "compile_seconds": max(0.0, self.first - self.median),
            "rounds": self.rounds,
        }


def interleaved(programs: Mapping[Name, Callable], rounds: int) -> dict[Name, Timed]:
    """Time programs in turn, round by round.

    A machine whose speed drifts then slows all of them alike. Every second round runs backwards,
    so that none is always the first.

    Each turn begins with a call that is not counted: memory that a program frees and takes anew in
    every call has gone back to the machine while the others ran, and to get it costs a virtual
    machine a second per GiB, which no run of that program alone would pay.

    Args:
        programs: Functions without arguments that give arrays, by name.
        rounds: How often each program is timed after its first call.
    """
    firsts = {name: time_call(program) for name, program in programs.items()}
    times: dict[Name, list[float]] = {name: [] for name in programs}
    for turn in range(rounds):
        order = list(programs)
        if turn % 2:
            order.reverse()
        for name in order:
            time_call(programs[name])
            seconds, _ = time_call(programs[name])
            times[name].append(seconds)
    return {name: Timed(first, times[name], result) for name, (first, result) in firsts.items()}


def time_call(program: Callable) -> tuple[float, Any]:
    """Return the seconds of one call, to the end of all work on the device, and its result."""
    start = time.perf_counter()
    result = jax.block_until_ready(program())
    return time.perf_counter() - start, result


def spread(values: Sequence[float] | np.ndarray, name: str) -> dict[str, Any]:
    """Return {name: median, name_quartiles: [first, third]} of some numbers."""
    low, median, high = np.percentile(values, (25, 50, 75))
    return {name: float(median), f"{name}_quartiles": [float(low), float(high)]}


def ratio(
    numerators: Sequence[float] | np.ndarray, denominators: Sequence[float] | np.ndarray
) -> dict[str, Any]:
    """Return the spread, under the name "ratio", of the quotients of each round."""
    return spread(np.divide(numerators, denominators), "ratio")

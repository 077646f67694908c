"""Timing several programs fairly: in turn, in one process, medians with their spread."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np


class Timed(NamedTuple):
    """A program's seconds: of the first call, which compiles, and of one call in each round."""

    first: float
    rounds: list[float]
    result: Any  # of the first call

    @property
    def median(self) -> float:
        return float(np.median(self.rounds))

    def summary(self) -> dict:
        return {
            **spread(self.rounds, "seconds"),
            "compile_seconds": max(0.0, self.first - self.median),
            "rounds": self.rounds,
        }


def interleaved(programs: dict[str, Callable], rounds: int) -> dict[str, Timed]:
    """Times calls that give arrays. The programs run in turn, round by round, so that a machine
    whose speed drifts slows all of them alike; every second round runs backwards.

    Each turn begins with a call that is not counted: memory that a program frees and takes anew in
    every call has gone back to the machine while the others ran, and to get it costs a virtual
    machine a second per GiB, which no run of that program alone would pay."""
    first = {name: seconds_of(program) for name, program in programs.items()}
    times: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(rounds):
        for name in list(programs)[:: -1 if turn % 2 else 1]:
            seconds_of(programs[name])
            times[name].append(seconds_of(programs[name])[0])
    return {name: Timed(first[name][0], times[name], first[name][1]) for name in programs}


def seconds_of(program: Callable) -> tuple[float, Any]:
    """Of one call, to the end of what it has begun on a device; and what it gives."""
    begin = time.perf_counter()
    result = jax.block_until_ready(program())
    return time.perf_counter() - begin, result


def spread(values, name: str) -> dict:
    """Median and quartiles of some numbers."""
    low, median, high = np.percentile(values, (25, 50, 75))
    return {name: float(median), f"{name}_quartiles": [float(low), float(high)]}


def ratio(other: list[float], base: list[float]) -> dict:
    """How often `base` fits into `other`, round by round."""
    return spread(np.divide(other, base), "ratio")

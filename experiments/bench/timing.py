"""Timing several programs fairly: in turn, in one process, medians with their spread."""

import math
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import jax
import numpy as np

Name = TypeVar("Name", bound=Hashable)

LEAST_ROUNDS = 2
"""The rounds that are worth a place in a table."""


class Timed(NamedTuple):
    """The times of a program, in seconds.

    Attributes:
        first: Of building it and of the first call, which compiles.
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
        """Return what the results' file keeps of the times; before a round, of the first call."""
        if not self.rounds:
            return {"first_seconds": self.first, "rounds": []}
        return {
            **spread(self.rounds, "seconds"),
            "compile_seconds": max(0.0, self.first - self.median),
            "rounds": self.rounds,
        }


class Limits(NamedTuple):
    """How many rounds there are.

    Attributes:
        rounds: At most.
        until: The time (`time.time`) at which a round that is not among LEAST_ROUNDS has ended.
        deadline: The time at which each round has ended.
    """

    rounds: int
    until: float = math.inf
    deadline: float = math.inf


class Turns(Generic[Name]):
    """Programs that are timed in turn, round by round.

    A machine whose speed drifts then slows all of them alike. Every second round runs backwards,
    so that none is always the first.

    Each turn begins with a call that is not counted: memory that a program frees and takes anew in
    every call has gone back to the machine while the others ran, and to get it costs a virtual
    machine a second per GiB, which no run of that program alone would pay.
    """

    def __init__(self) -> None:
        """Begin without programs."""
        self._programs: dict[Name, Callable] = {}
        self._firsts: dict[Name, tuple[float, Any]] = {}
        self._times: dict[Name, list[float]] = {}
        self._rounds = 0

    def add(self, name: Name, program: Callable, seconds: float = 0.0) -> None:
        """Call a program for the first time.

        Args:
            name: Of the program.
            program: A function without arguments that gives arrays.
            seconds: What it took to build it, which counts as part of the first call.
        """
        first, result = time_call(program)
        self._firsts[name] = first + seconds, result
        self._programs[name], self._times[name] = program, []

    def restart(self) -> int:
        """Forget the rounds, because others take turns as well from now on; return their number."""
        rounds, self._rounds = self._rounds, 0
        self._times = {name: [] for name in self._programs}
        return rounds

    def rounds(self, limits: Limits) -> Iterator[int]:
        """Run rounds as long as the next one fits, and yield the number of each."""
        seconds = 0.0  # of a round; not known before there is one
        while self._rounds < limits.rounds:
            is_needed = self._rounds < LEAST_ROUNDS
            if time.time() + seconds > (limits.deadline if is_needed else limits.until):
                return
            start = time.time()
            self._run_round()
            seconds = time.time() - start
            yield self._rounds

    def _run_round(self) -> None:
        order = list(self._programs)
        if self._rounds % 2:
            order.reverse()
        times = {}
        for name in order:
            time_call(self._programs[name])
            times[name], _ = time_call(self._programs[name])
        # At once, so that all programs have as many rounds wherever it is interrupted.
        for name, seconds in times.items():
            self._times[name].append(seconds)
        self._rounds += 1

    def timed(self) -> dict[Name, Timed]:
        """Return the times so far."""
        return {
            name: Timed(first, list(self._times[name]), result)
            for name, (first, result) in self._firsts.items()
        }


def interleaved(programs: Mapping[Name, Callable], limits: Limits | int) -> dict[Name, Timed]:
    """Time programs in turn, see `Turns`.

    Args:
        programs: Functions without arguments that give arrays, by name.
        limits: How often each program is timed after its first call; the least rounds are run in
            any case, because less is no result.
    """
    turns = Turns[Name]()
    for name, program in programs.items():
        turns.add(name, program)
    limits = Limits(limits) if isinstance(limits, int) else limits
    for _ in turns.rounds(limits._replace(deadline=math.inf)):
        pass
    return turns.timed()


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

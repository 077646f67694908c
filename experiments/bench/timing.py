"""Timing several programs fairly: in turn, in one process, medians with their spread."""

import statistics
import time
from collections.abc import Callable

import jax


def interleaved(programs: dict[str, Callable], rounds: int = 5) -> dict[str, dict]:
    """{name: {"median_s", "low_s", "high_s", "first_s"}} of calls that return arrays.

    first_s is the first call, which compiles. The programs run in turn, round by round, so that
    a machine whose speed drifts slows all of them alike.
    """
    first = {name: _seconds(program) for name, program in programs.items()}
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            seconds[name].append(_seconds(program))
    return {
        name: {
            "median_s": statistics.median(values),
            "low_s": min(values),
            "high_s": max(values),
            "first_s": first[name],
        }
        for name, values in seconds.items()
    }


def _seconds(program: Callable) -> float:
    begin = time.perf_counter()
    jax.block_until_ready(program())
    return time.perf_counter() - begin

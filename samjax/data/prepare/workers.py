"""A function over many keys in several processes: results in order, memory bounded."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

from samjax.errors import UserError
from samjax.parallel.watchdog import end_with_parent

State = TypeVar("State")
Key = TypeVar("Key")
Result = TypeVar("Result")

BATCH = 8
"""Keys that a process gets at once: asking for them costs about as much as a small image."""
BATCHES_AHEAD = 2
"""Batches per process that are under way or wait for their turn."""

# The state of a worker process, set once when it starts.
_state: Any = None


def in_order(
    function: Callable[[State, Key], Result], state: State, keys: Iterable[Key], jobs: int = 1
) -> Generator[Result, None, None]:
    """Yield `function(state, key)` for each key, in the order of the keys for any number of jobs.

    Args:
        function: A function of a module; like state, keys and results it must be picklable.
        state: What all calls have in common. It may be large: each process gets it once.
        keys: What the calls differ by. Only a few are taken ahead of the results.
        jobs: How many processes there are; with 1 the calls are made in this process.

    Raises:
        UserError: A process was killed.
    """
    if jobs == 1:
        for key in keys:
            yield function(state, key)
        return
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    arguments = (state, os.getpid())
    pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=arguments)
    waiting: deque[Future[list[Result]]] = deque()
    remaining = iter(keys)
    # Results are taken from the oldest batch, so they come in order; a few more batches are under
    # way meanwhile, so that no process waits for a slow one and memory stays bounded.
    try:
        while batch := list(islice(remaining, BATCH)):
            waiting.append(pool.submit(_call, function, batch))
            if len(waiting) >= jobs * BATCHES_AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            f"one of {jobs} processes was killed (out of memory?); use fewer with --jobs"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start(state: Any, parent_pid: int) -> None:
    global _state
    _state = state
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    end_with_parent(parent_pid)


def _call(function: Callable, batch: list) -> list:
    return [function(_state, key) for key in batch]

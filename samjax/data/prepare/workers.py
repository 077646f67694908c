"""A function over many keys in several processes: results in the keys' order, memory bounded."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait
from typing import Any

from samjax.errors import UserError

RUN = 8
"""Keys that a process gets at once: asking costs about as much as a small image."""
LOOK_AHEAD = 2
"""Runs per process that are under way or wait for their turn."""

_state: Any = None


def in_order(function: Callable, state: Any, keys: Iterable, jobs: int = 1) -> Iterator:
    """Yields `function(state, key)` for each key, in order whatever `jobs` is.

    The state, which may be large, is handed to each process once. Everything must be picklable.
    Raises UserError if a process is killed.
    """
    if jobs == 1:
        yield from (function(state, key) for key in keys)
        return
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(state,))
    waiting, keys = deque(), iter(keys)
    try:
        while run := list(islice(keys, RUN)):
            waiting.append(pool.submit(_call, function, run))
            if len(waiting) >= jobs * LOOK_AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            f"one of {jobs} processes was killed (out of memory?); use fewer with --jobs"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start(state: Any):
    global _state
    _state = state
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent():
    """A parent that is killed cannot end its workers, which would wait for it forever."""
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


def _call(function: Callable, run: list) -> list:
    return [function(_state, key) for key in run]

"""Signals that ask a program to stop: the first is answered in good order, a second ends it.

SIGTERM comes from a scheduler or `kill`, SIGUSR1 from a scheduler some time ahead (Slurm's
`--signal=USR1@120`), SIGINT from Ctrl-C. Python calls a handler only between two instructions of
the main thread, and one call that compiles a network may take minutes. So a thread of its own
learns of every signal at once: it tells the user, and it ends the process at a second signal.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGUSR1")
    if hasattr(signal, name)  # Windows has no SIGUSR1
)
SECONDS_OF_ONE_REQUEST = 0.2
"""Signals that follow the first so soon are the same request: `timeout`, shells and schedulers
send one to the process and once more to its group."""

Answer = Callable[[int], None]


class Stopped(SystemExit):
    """A training that stopped because it was asked to, in all its processes at the same step.

    The exit status is 128 + the signal's number, as of a process that the signal ends: 143 for
    SIGTERM, 130 for Ctrl-C, 138 for SIGUSR1.
    """

    def __init__(self, signum: int, step: int) -> None:
        """Keep the signal's number and the number of steps that the saved state has taken."""
        super().__init__(128 + signum)
        self.signum = signum
        self.step = step


class StopRequest:
    """Whether a signal asked to stop; `signum` is its number, 0 before there is one."""

    def __init__(self) -> None:
        """Begin without a request."""
        self.signum = 0


def name_of(signum: int) -> str:
    """Return a signal as users know it, such as "SIGTERM"."""
    return "Ctrl-C" if signum == signal.SIGINT else signal.Signals(signum).name


@contextmanager
def noted(promise: str) -> Iterator[StopRequest]:
    """Yield a request, which a signal sets while the block goes on.

    A request that the block leaves unanswered, because it was at its end, goes to whoever handled
    the signals before. An exception of the block is the answer.

    Args:
        promise: What the program will do, to be told when the signal comes.
    """
    with _caught(promise, lambda signum: None) as request:
        yield request
    if request.signum:
        signal.raise_signal(request.signum)


@contextmanager
def ending(promise: str) -> Iterator[None]:
    """End the block by `SystemExit` as soon as a signal comes, so that it is cleaned up.

    Args:
        promise: What the user can do then, to be told when the signal comes.
    """
    ends = False

    def end(signum: int) -> None:
        nonlocal ends
        if not ends:  # or the second half of one request would interrupt the cleaning up
            ends = True
            raise SystemExit(128 + signum)

    with _caught(promise, end):
        yield


@contextmanager
def _caught(promise: str, answer: Answer) -> Iterator[StopRequest]:
    """Handle the signals within the block, and watch for a second one.

    Args:
        promise: See `noted`.
        answer: Called in the main thread, between two of its instructions.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request  # only the main thread may handle signals
        return

    def handle(signum: int, frame: FrameType | None) -> None:
        request.signum = request.signum or signum
        answer(signum)

    reading, writing = os.pipe()
    if sys.platform != "win32":  # there, Python 3.11 has no such call, and asks for none
        os.set_blocking(writing, False)
    watcher = threading.Thread(target=_watch, args=(reading, request, promise), daemon=True)
    watcher.start()
    # The number of every signal that has a handler is written there, whatever the program does.
    pipe_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    before = {signum: signal.signal(signum, handle) for signum in SIGNALS}
    try:
        yield request
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
        signal.set_wakeup_fd(pipe_before)
        os.close(writing)  # ends the watcher
        watcher.join()
        os.close(reading)


def _watch(reading: int, request: StopRequest, promise: str) -> None:
    """Note the first signal that a pipe tells of, and end the process at a second one."""
    first = 0.0
    while numbers := os.read(reading, 1):
        signum = numbers[0]
        if signum not in SIGNALS:
            continue
        if not first:
            first = time.monotonic()
            request.signum = request.signum or signum
            _tell(f"{name_of(signum)}: {promise}; a second signal ends it at once")
        elif time.monotonic() - first > SECONDS_OF_ONE_REQUEST:
            _tell(f"{name_of(signum)} again: ended at once")
            os._exit(128 + signum)  # sys.exit would end this thread only


def _tell(line: str) -> None:
    # Straight to the file: the main thread may be inside a write to the same stream.
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # a stream that is no file
        descriptor = 2
    os.write(descriptor, f"{line}\n".encode())

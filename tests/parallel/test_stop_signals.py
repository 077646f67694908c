"""The first signal is answered in good order, a second one ends the process, even inside C code."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from samjax.parallel import stop_signals
from samjax.parallel.stop_signals import SIGNALS, Stopped, ending, noted

# The main thread is inside one call for good, where Python runs no handler. Like compiling and
# computing by XLA, it leaves the interpreter to other threads.
BUSY = """
import ctypes, os, threading, time
from pathlib import Path
from samjax.parallel.stop_signals import {context}

def tell():
    state = Path(f"/proc/self/task/{{os.getpid()}}/stat")
    waits = 0
    while waits < 20:  # in a row
        time.sleep(0.01)
        waits = waits + 1 if state.read_text().rpartition(")")[2].split()[0] == "S" else 0
    print("ready", flush=True)

lock, mutex = ctypes.CDLL(None).pthread_mutex_lock, ctypes.create_string_buffer(64)
with {context}("will stop"):
    lock(mutex)
    threading.Thread(target=tell).start()
    lock(mutex)
"""


def send(signum: int, times: int = 1) -> None:
    for _ in range(times):
        os.kill(os.getpid(), signum)


def settled(request) -> int:
    deadline = time.monotonic() + 60
    while not request.signum and time.monotonic() < deadline:
        time.sleep(0.001)
    return request.signum


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_noted_signal_lets_the_block_go_on(signum, capfd):
    def body():
        with noted("will stop") as request:
            send(signum, 2)  # to the process and to its group
            assert settled(request) == signum
            raise Stopped(request.signum, 3)

    with pytest.raises(Stopped) as stopped:
        body()
    assert stopped.value.code == 128 + signum
    lines = [f"{stop_signals.name_of(signum)}: will stop; a second signal ends it at once"]
    assert capfd.readouterr().err.splitlines() == lines


def test_a_request_that_nobody_answers_goes_to_the_handler_before():
    def body():
        with ending("outer"), noted("inner") as request:
            send(signal.SIGTERM)
            assert settled(request)

    with pytest.raises(SystemExit) as ended:
        body()
    assert ended.value.code == 143


def test_what_was_before_is_there_again():
    before = [signal.getsignal(signum) for signum in SIGNALS]
    threads = threading.active_count()
    with ending("a"), noted("b"):
        pass
    assert [signal.getsignal(signum) for signum in SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1
    assert threading.active_count() == threads


def test_ending_cleans_up_once():
    cleaned = []

    def body():
        with ending("will end"):
            try:
                send(signal.SIGUSR1)
                time.sleep(60)
            finally:
                send(signal.SIGUSR1)
                cleaned.append(True)

    with pytest.raises(SystemExit) as ended:
        body()
    assert ended.value.code == 138
    assert cleaned == [True]


def test_another_thread_catches_nothing():
    before = signal.getsignal(signal.SIGTERM)
    found = []

    def body():
        with noted("never") as request:
            found.append((request.signum, signal.getsignal(signal.SIGTERM)))

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert found == [(0, before)]


@pytest.mark.parametrize("context", ["noted", "ending"])
def test_inside_a_long_call_the_first_is_told_and_a_second_ends(context):
    command = [sys.executable, "-c", BUSY.format(context=context)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGTERM)
            line = process.stderr.readline()
            assert line == "SIGTERM: will stop; a second signal ends it at once\n"
            assert process.poll() is None
            time.sleep(2 * stop_signals.SECONDS_OF_ONE_REQUEST)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=600)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, "", "Ctrl-C again: ended at once\n")

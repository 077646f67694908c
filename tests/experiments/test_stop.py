"""A program that is asked to stop cleans up, says so in one line, and exits as shells expect."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import time
from experiments.launch import launch

def run():
    try:
        print("ready", flush=True)
        time.sleep(600)
    finally:
        print("cleaned", flush=True)

launch(run)
"""


@pytest.mark.parametrize(
    ("signum", "name"),
    [(signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "Ctrl-C"), (signal.SIGUSR1, "SIGUSR1")],
)
def test_a_signal_ends_a_program_in_good_order(signum, name):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, **pipes) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signum)
        out, err = process.communicate(timeout=600)
    assert (process.returncode, out) == (128 + signum, "cleaned\n")
    promise = "stops; give the same command again to go on; a second signal ends it at once"
    assert err == f"{name}: {promise}\n"

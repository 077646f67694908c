"""Processes of one run end together, each with one line, and agree on the step to stop at."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Two processes that sum over their devices until one of them is disturbed, as training does.
PROGRAM = """
import os, sys, time
from absl import app
from experiments import multihost
from samjax.errors import UserError
from experiments.launch import launch

def run():
    with multihost.joined():
        import jax
        from samjax.parallel.mesh import make_mesh
        from samjax.parallel.stop_signals import Stopped, noted
        from samjax.training.preemption import Preemption
        with noted("will stop") as request:
            preemption = Preemption(request, make_mesh())
            for step in range(1_000_000):
                signum = preemption.answer(preemption.ask())
                if signum:
                    print("stopped at", step)
                    raise Stopped(signum, step)
                if step == 3:
                    print("ready", flush=True)
                if os.path.exists(os.environ["FAIL"]) and jax.process_index() == 1:
                    raise UserError("no room left")
                time.sleep(0.01)

launch(run)
"""


@pytest.fixture
def pair(tmp_path):
    """Two processes that have joined, and are under way."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "XLA_FLAGS": "",
        "FAIL": str(tmp_path / "fail"),
    }
    told = ["--multihost", f"--coordinator=localhost:{port}", "--processes=2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *told, f"--process={k}"], env=environment, **pipes
        )
        for k in range(2)
    ]
    try:
        for process in processes:
            while process.stdout.readline() != "ready\n":
                assert process.poll() is None, process.stderr.read()[-2000:]
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def ends(processes: list[subprocess.Popen]) -> list[tuple[int, str, str]]:
    """The exit status, the output and the errors of each; the limit is against hanging."""
    printed = [process.communicate(timeout=600) for process in processes]
    return [(p.returncode, *both) for p, both in zip(processes, printed, strict=True)]


@pytest.mark.parametrize("killed", [0, 1])
def test_a_process_that_is_killed_ends_the_other_with_one_line(pair, killed):
    pair[killed].kill()
    status, _, errors = ends(pair)[1 - killed]
    (line,) = errors.splitlines()
    assert status == 1
    # JAX's own notice of the coordinator's end may be the first, and does not name it.
    names = f"process {killed} (number {pair[killed].pid} on {socket.gethostname()}) has ended"
    assert names in line or (killed == 0 and "another process of this run" in line)
    assert line.startswith("error: ")
    assert line.endswith("start all of them again to go on from the last checkpoint")


def test_a_failure_of_one_process_is_told_by_both(pair, tmp_path):
    (tmp_path / "fail").touch()
    (first, _, told), (second, _, own) = ends(pair)
    assert (first, second) == (1, 1)
    assert own == "error: no room left\n"
    assert f"process 1 (number {pair[1].pid}" in told
    assert told.count("\n") == 1


def test_a_signal_to_one_process_stops_both_at_the_same_step(pair):
    pair[1].send_signal(signal.SIGUSR1)
    (first, out, told), (second, also, own) = ends(pair)
    assert (first, second) == (138, 138)
    assert out == also
    assert out.startswith("stopped at ")
    assert told == ""
    assert own == "SIGUSR1: will stop; a second signal ends it at once\n"

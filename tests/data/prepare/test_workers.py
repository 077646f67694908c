"""Work over several processes: in order, bounded, and ended with its parent."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from samjax.data.prepare.workers import BATCH, BATCHES_AHEAD, in_order
from samjax.errors import UserError


def slow_first(state, key):
    time.sleep(0.05 if key == 0 else 0)
    return state, key, os.getpid()


def refuse(state, key):
    raise UserError(f"key {key}")


def die(state, key):
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_order_from_several_processes_and_few_keys_are_taken_ahead():
    taken = itertools.count()
    results = in_order(slow_first, "state", (next(taken) for _ in range(1000)), jobs=2)
    first = list(itertools.islice(results, 3 * BATCH))
    assert [key for _, key, _ in first] == list(range(3 * BATCH))
    assert {state for state, _, _ in first} == {"state"}
    pids = {pid for _, _, pid in first}
    assert os.getpid() not in pids
    assert len(pids) <= 2
    # Three batches are given out, and at most as many as may wait are taken beside them.
    assert next(taken) <= (3 + 2 * BATCHES_AHEAD) * BATCH
    results.close()


def test_one_job_needs_no_process():
    assert list(in_order(slow_first, 0, [1], jobs=1)) == [(0, 1, os.getpid())]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_a_process_is_raised_here(jobs):
    with pytest.raises(UserError, match="key 7"):
        list(in_order(refuse, None, [7], jobs=jobs))


def test_a_killed_process_is_told():
    with pytest.raises(UserError, match="--jobs"):
        list(in_order(die, None, [1, 2], jobs=2))


PARENT = """
import sys, time
sys.path.insert(0, {here!r})
from samjax.data.prepare.workers import in_order
from test_workers import slow_first
if __name__ == "__main__":
    results = in_order(slow_first, 0, range(1000), jobs=2)
    print(next(results)[2], flush=True)
    time.sleep(1000)
"""


def test_workers_end_with_a_killed_parent(tmp_path):
    program = tmp_path / "parent.py"
    program.write_text(PARENT.format(here=str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 600
    while _runs(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False

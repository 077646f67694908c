"""A worker ends when its parent is gone, and not before."""

import subprocess
import sys

# A parent starts a worker, waits until it is watched, and is then killed. The worker holds the
# standard output open, so reading it to its end waits for the worker's end.
WORKER = """
import os, sys, time
from samjax.parallel import watchdog
watchdog.SECONDS_BETWEEN_CHECKS = 0.01
watchdog.end_with_parent(int(sys.argv[1]))
time.sleep(0.1)
print("watched", flush=True)
time.sleep(600)
print("outlived its parent", flush=True)
"""
PARENT = """
import os, subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
worker.wait()
"""


def test_a_worker_ends_with_its_parent():
    command = [sys.executable, "-c", PARENT, WORKER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "watched\n"
        parent.kill()
        assert parent.stdout.read() == ""


def test_watching_needs_no_jax():
    code = "import sys, samjax.parallel.watchdog; print('jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

"""What every program of `experiments` has done before it begins."""

import os
import subprocess
import sys
from pathlib import Path

from samjax.parallel.cores import DEVICES, FLAGS, THREADS, usable_cores

ROOT = Path(__file__).parents[2]
PROGRAM = f"""
import os, sys
from experiments.launch import launch

launch(lambda: print(os.environ.get({THREADS!r}), "jax" in sys.modules))
"""


def test_devices_of_a_cpu_have_their_threads_before_jax_is_imported():
    environment = {k: v for k, v in os.environ.items() if k not in (THREADS, FLAGS)}
    devices = usable_cores() + 1
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment | {DEVICES: str(devices)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [str(2 * devices), "False"]

"""Commands of samjax as a user runs them, each in a process of its own, with what they take."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from samjax.errors import UserError

if sys.platform == "darwin":
    BYTES = 1
else:
    BYTES = 1024  # the unit of ru_maxrss


def run_command(arguments: Sequence[str], cache: Path) -> dict[str, float]:
    """Run `samjax` with arguments, and return its wall and CPU seconds and peak MiB.

    Args:
        arguments: Those of the command.
        cache: The folder for what is kept between runs.

    Raises:
        UserError: It failed.
    """
    # By the variables of the shell only, not by those that this process has set for itself.
    unset = ("JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment["SAMJAX_CACHE"] = str(cache)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "samjax.cli", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise UserError(f"samjax {' '.join(arguments)} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return {"seconds": seconds, "cpu": cpu, "peak_mib": usage.ru_maxrss * BYTES / 2**20}


def measure_start(arguments: Sequence[str], *, warm: bool, repeats: int) -> dict[str, Any]:
    """Return how long a command for one photograph takes, import and start included.

    Args:
        arguments: Those of the command.
        warm: Whether an earlier run has left what is kept; else nothing is there each time.
        repeats: Of which the median is taken.
    """
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        if warm:
            run_command(arguments, cache)
        runs = []
        for _ in range(repeats):
            if not warm:
                shutil.rmtree(cache, ignore_errors=True)
            runs.append(run_command(arguments, cache))
    return {
        "seconds": round(statistics.median(run["seconds"] for run in runs), 2),
        "cpu": round(statistics.median(run["cpu"] for run in runs), 2),
        "runs": [round(run["seconds"], 2) for run in runs],
    }


def measure_folder(photographs: Path, output: Path, options: Sequence[str]) -> dict[str, Any]:
    """Return how many images per second `samjax predict` does of a folder, everything included."""
    count = sum(1 for _ in photographs.iterdir())
    with tempfile.TemporaryDirectory() as cache:
        first = str(min(photographs.iterdir()))
        for paths in ([first], [str(photographs)]):  # the first one compiles
            shutil.rmtree(output, ignore_errors=True)
            run = run_command(["predict", *paths, "--output", str(output), *options], Path(cache))
    shutil.rmtree(output, ignore_errors=True)
    return {
        "images": count,
        "images_per_second": round(count / run["seconds"], 2),
        "cpu_ms_per_image": round(run["cpu"] / count * 1000),
        "cores_busy": round(run["cpu"] / run["seconds"], 2),
        "peak_mib": round(run["peak_mib"]),
    }

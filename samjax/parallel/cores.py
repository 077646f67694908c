"""The cores that a process has, and the threads that devices of one CPU share."""

import os
import re

THREADS = "NPROC"
"""The variable of the environment that tells XLA how many threads a CPU's devices share."""
DEVICES = "JAX_NUM_CPU_DEVICES"
FLAGS = "XLA_FLAGS"


def usable_cores() -> int:
    """Return how many cores this process may use."""
    # Only Linux tells of a single process, which may have been given a few of the machine's.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def give_threads() -> None:
    """Give each device of a CPU two threads, if the environment makes several of one CPU.

    XLA has as many threads as the CPU has cores, or as there are devices if those are more. A
    device that waits for a sum over all devices keeps one. If all threads wait, the work that
    they wait for has none, and after 40 seconds XLA ends the process. The variable `THREADS`, if
    it is set, is left as it is. This is to be called before JAX makes its devices.
    """
    devices = _devices_asked()
    if _may_run_out(devices):
        os.environ[THREADS] = str(2 * devices)


def warning_about_threads(devices: int) -> str:
    """Return what to know of a training on several devices of one CPU; else "".

    A program that makes such devices without `give_threads` has too few threads for the reason
    that stands there.

    Args:
        devices: How many of this process are one CPU.
    """
    if not _may_run_out(devices):
        return ""
    return (
        f"{devices} devices of one CPU share its threads, and XLA ends the training if they wait "
        f"for each other; {THREADS}={2 * devices} in the environment, with which that has not been "
        "seen, gives them more threads"
    )


def _may_run_out(devices: int) -> bool:
    """Return whether so many devices of one CPU would have too few threads by default."""
    return devices > 1 and THREADS not in os.environ and usable_cores() < 2 * devices


def _devices_asked() -> int:
    """Return how many devices the environment makes of a CPU; 0 where it does not say."""
    flag = re.search(r"--xla_force_host_platform_device_count=(\d+)", os.environ.get(FLAGS, ""))
    asked = os.environ.get(DEVICES, "") or (flag[1] if flag else "")
    return int(asked) if asked.isdecimal() else 0  # of anything else JAX complains itself

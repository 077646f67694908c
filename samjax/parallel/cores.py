"""The cores that a process has, and the threads that devices of one CPU share."""

import os

from jax.sharding import Mesh

THREADS = "NPROC"
"""The variable of the environment that tells XLA how many threads a CPU's devices share."""


def usable_cores() -> int:
    """Return how many cores this process may use."""
    # Only Linux tells of a single process, which may have been given a few of the machine's.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def warning_about_threads(mesh: Mesh) -> str:
    """Return what to know of a mesh whose devices in this process are one CPU; else "".

    They share as many threads as the CPU has cores, or as there are devices if those are more. A
    device that waits for a sum over all devices keeps a thread. Where the sums of one device occupy
    all threads, the others cannot get there, and after 40 seconds XLA ends the process.
    """
    count = sum(device.platform == "cpu" for device in mesh.local_devices)
    if count < 2 or THREADS in os.environ:
        return ""
    return (
        f"{count} devices of one CPU share its threads, and XLA ends the training if they wait for "
        f"each other; {THREADS}={2 * count} in the environment, with which that has not been seen, "
        "gives them more threads"
    )

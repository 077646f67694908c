"""How many cores there are."""

import os


def usable_cores() -> int:
    """Return how many cores this process may use."""
    # Only Linux tells of a single process, which may have been given a few of the machine's.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

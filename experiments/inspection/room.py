"""How much memory a device has."""

import os
from pathlib import Path
from typing import NamedTuple

import jax

GIB = 2**30
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


class Room(NamedTuple):
    """The bytes that a device has for a program, and who says so."""

    size: int
    source: str


def find_room(device_gib: float | None = None) -> Room | None:
    """Return the room of this process's first device; None where nothing tells.

    Args:
        device_gib: Counts in place of what the device says, for a device that is not here.
    """
    if device_gib is not None:
        return Room(round(device_gib * GIB), "--device-gib")
    device = jax.local_devices()[0]
    stats = device.memory_stats() or {}
    if device.platform != "cpu" and "bytes_limit" in stats:
        # Of a GPU it is what JAX may take, three quarters unless XLA_PYTHON_CLIENT_MEM_FRACTION.
        return Room(stats["bytes_limit"], f"what JAX may take of {device.device_kind}")
    if device.platform == "cpu":
        return _machine()
    return None


def _machine() -> Room | None:
    """Return the memory of this machine, or of the container that this process is in."""
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows
        return None
    try:
        limit = int(CONTAINER_LIMIT.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # no container, or one without a limit
        return Room(size, "the memory of this machine")
    return Room(min(size, limit), "the memory of this container")

"""Who holds a lock: the host, the process and since when; and whether that process still lives."""

import os
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

PROC = Path("/proc")
START_TIME = 19
"""The place of a process's start time in its `stat`, behind the name (field 22, see proc(5))."""


@dataclass(frozen=True)
class Holder:
    """A process that holds a lock.

    Attributes:
        host: The name of its machine.
        pid: Its number there.
        since: When it took the lock, in local time.
        place: What numbers of processes are unique in: this start of the machine and, of a
            container, its own numbering. Empty where the system does not tell.
        started: When the process started, in the kernel's ticks; numbers are used again.
    """

    host: str
    pid: int
    since: str
    place: str
    started: str

    @classmethod
    def this_process(cls) -> Self:
        """Return this process as a holder from now on."""
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        return cls(socket.gethostname(), os.getpid(), since, _place(), _started(os.getpid()))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return the holder that `to_dict` gave.

        Raises:
            TypeError: The values are none of a holder.
        """
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)

    def lives(self) -> bool | None:
        """Return whether the process is there; None where that cannot be told from here."""
        place = _place()
        if not place or self.place != place:
            # A former start of this very machine has left nothing alive.
            same_host = self.host == socket.gethostname()
            rebooted = self.place.split()[:1] != place.split()[:1]
            return False if place and self.place and same_host and rebooted else None
        return _started(self.pid) == self.started

    def __str__(self) -> str:
        """Return the holder as a message names it."""
        return f"process {self.pid} on {self.host}, since {self.since}"


def _place() -> str:
    """Return this start of the machine and the namespace of process numbers; "" without /proc."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.readlink(PROC / 'self/ns/pid')}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Return when a process started; "" if there is none of this number, or only its remains."""
    try:
        # The name stands in parentheses and may hold spaces and parentheses itself.
        fields = (PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[START_TIME]

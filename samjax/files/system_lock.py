"""The system's own lock of an open file, which ends with the process that holds it.

Unix locks the whole file and only for those who ask. Windows locks bytes, and then nobody else can
read them; so there it is a byte far behind the end that is locked, and what the file says can be
read. (The package filelock would do for the lock alone, but it empties the file that it finds, in
which stands who holds it.)
"""

import errno
import os
import sys
from contextlib import suppress
from io import FileIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
"""The errors that say that another process holds the lock."""
BEHIND = 1 << 30
"""The place of the byte that is locked on Windows."""


def take(file: FileIO) -> None:
    """Lock an open file, without waiting.

    Raises:
        OSError: Another process holds it (`HELD`), or the file system has no locks.
    """
    if sys.platform == "win32":
        file.seek(BEHIND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_and_close(file: FileIO, path: os.PathLike, is_at: bool) -> None:
    """Remove the file of a held lock, and let go of the lock.

    Args:
        file: The open file.
        path: Its name.
        is_at: Whether the file is there under this name.
    """
    if sys.platform != "win32":
        # Before it is closed, while nobody else can hold it.
        if is_at:
            os.unlink(path)
        file.close()
        return
    file.close()
    with suppress(OSError):  # what another process has open cannot be removed there
        os.unlink(path)

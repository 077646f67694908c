"""A folder that one run at a time writes in: a lock that ends with the process that holds it.

The lock is the system's (`system_lock`) on a file that names the holder. It lets go of it when
the process ends, however it ends. Where a file system has no such locks (Lustre mounted without
`flock`, NFS without its lock daemon), that the file exists is the lock; a file that a killed run
left is then told from a held one by whether its process still lives. Nothing here ever waits.
"""

import errno
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from samjax.errors import UserError
from samjax.files.holder import Holder
from samjax.files.system_lock import HELD, remove_and_close, take

LOCK = ".lock"
NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}
"""How a file system answers that it has no locks."""
MAX_ATTEMPTS = 20
"""The file may be removed by its holder between two calls; each attempt looks again."""


@contextmanager
def locked(folder: Path, remedy: str, name: str = LOCK) -> Iterator[None]:
    """Hold a folder for this process while the block runs.

    Args:
        folder: The folder, which is there.
        remedy: What the user can do if another run holds it; ends the message.
        name: Of the file in it.

    Raises:
        UserError: Another run holds the folder.
        OSError: The file cannot be made.
    """
    path = folder / name
    file = _acquire(path, remedy)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):  # the folder may be gone
            remove_and_close(file, path, _is_at(file, path))
        file.close()


def _acquire(path: Path, remedy: str) -> FileIO:
    """Return the open file whose lock is held."""
    for _ in range(MAX_ATTEMPTS):
        flags = os.O_RDWR | os.O_CREAT
        try:
            descriptor = os.open(path, flags | os.O_EXCL, 0o666)
            file, is_new = os.fdopen(descriptor, "r+b", buffering=0), True
        except FileExistsError:
            try:
                file, is_new = path.open("r+b", buffering=0), False
            except FileNotFoundError:
                continue
        try:
            if _take(file, path, is_new, remedy):
                return file
        except BaseException:
            file.close()
            raise
        file.close()
    raise UserError(f"{path} changes all the time: other runs are starting here; {remedy}")


def _take(file: FileIO, path: Path, is_new: bool, remedy: str) -> bool:
    """Lock an open file and write this process into it; return False to try again.

    Args:
        file: Just opened.
        path: Its name, which may be another file's by now.
        is_new: Whether this process made it.
        remedy: See `locked`.

    Raises:
        UserError: Another run holds it.
    """
    try:
        take(file)
    except OSError as error:
        if error.errno in HELD:
            raise UserError(_message(path, _read(file), remedy)) from error
        if error.errno not in NO_LOCKS:
            raise
        if not is_new:
            return _remove_stale(file, path, remedy)
    else:
        if not _is_at(file, path):  # its holder removed it after it was opened here
            return False
    _write(file, path)
    return True


def _write(file: FileIO, path: Path) -> None:
    """Write this process into the file whose lock it holds.

    Raises:
        UserError: There is no room for it; the file is removed then.
    """
    record = json.dumps(Holder.this_process().to_dict()) + "\n"
    try:
        file.seek(0)
        file.truncate()
        file.write(record.encode())
        os.fsync(file.fileno())  # so that other hosts can read it
    except OSError as error:
        with suppress(PermissionError):  # Windows keeps what is open
            path.unlink(missing_ok=True)
        remedy = "make room there, or choose another folder"
        raise UserError(f"{path} cannot be written ({error.strerror}); {remedy}") from error


def _remove_stale(file: FileIO, path: Path, remedy: str) -> bool:
    """Remove the file of a run that is no more; return False, for another attempt.

    Raises:
        UserError: The run lives, or lives perhaps.
    """
    holder = _read(file)
    if holder is None or holder.lives() is not False:
        hint = "" if holder and holder.lives() else f", or remove {path} if that run is no more"
        raise UserError(_message(path, holder, remedy) + hint)
    # Renamed rather than removed: of two processes that come here only one can rename it.
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        os.rename(path, aside)
        if not _is_at(file, aside) and not path.exists():
            os.rename(aside, path)  # it was the other one's new file
        else:
            aside.unlink()
    return False


def _read(file: FileIO) -> Holder | None:
    """Return who is named in the file; None where nobody is, or where it is damaged."""
    for _ in range(MAX_ATTEMPTS):
        file.seek(0)
        with suppress(ValueError, TypeError, KeyError):
            return Holder.from_dict(json.loads(file.read()))
        time.sleep(0.02)  # its holder made it a moment ago and is about to write
    return None


def _is_at(file: FileIO, path: Path) -> bool:
    """Return whether an open file is the one at a path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _message(path: Path, holder: Holder | None, remedy: str) -> str:
    who = f" ({holder})" if holder else ""
    return f"another run is writing in {path.parent}{who}; {remedy}"

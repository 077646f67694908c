"""Files that appear under their final name complete, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samjax.errors import UserError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a temporary file beside `path`, which is renamed to it if the block succeeds.

    If the block fails or is interrupted, the temporary file is removed; the old file, if there was
    one, stays, and no fragment is left.

    Args:
        path: The final name. Its folder must exist.

    Yields:
        The temporary file, empty, to be written by the block.

    Raises:
        UserError: The folder does not exist, or `path` is a folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise UserError(f"{path.parent}: no such folder; create it first")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a file")
    # In the same folder, because only within one file system is a rename done at once. The name is
    # short, because the final one may be as long as the file system allows.
    descriptor, name = tempfile.mkstemp(prefix=".samjax-", suffix=".tmp", dir=path.parent)
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o666 & ~_umask())  # mkstemp's files are private
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_atomic(path: str | Path, data: bytes | str) -> Path:
    """Write bytes, or text as UTF-8, whole or not at all; make the folder. Return the path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as partial:
        partial.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _umask() -> int:
    """Return the permissions that new files lack; the system tells them only when they are set."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

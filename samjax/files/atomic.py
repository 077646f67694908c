"""Files that appear under their final name complete, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samjax.errors import UserError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """A temporary name beside `path`: renamed to it if the block succeeds, else removed.

    An interruption leaves the old file, if there was one, and no fragment.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise UserError(f"{path.parent}: no such folder; create it first")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a file")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o666 & ~_umask())  # mkstemp's files are private
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_atomic(path: str | Path, data: bytes | str) -> Path:
    """Writes bytes, or text as UTF-8, to `path`; makes its folder."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as partial:
        partial.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

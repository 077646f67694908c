"""Whole files: their checksums, and writing them under their final name only when complete."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samjax.errors import UserError

BLOCK = 1 << 20


def sha256(path: Path) -> str:
    return checksum(path, "sha256")


def checksum(path: Path, algorithm: str) -> str:
    """Hexadecimal digest of a file, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`: renamed to it if the block succeeds, else removed."""
    path = Path(path)
    if not path.parent.is_dir():
        raise UserError(f"{path.parent}: no such folder; create it first")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a file")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o666 & ~_umask())  # mkstemp's files are private
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""How much memory a file of others may ask for, checked by what it declares before it is read."""

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from samjax.errors import UserError

MAX_ARRAY_BYTES = 2**29  # of one array in a file: 64 million numbers of eight bytes
MAX_FILE_BYTES = 2**30  # of a file that is read as a whole


def check_array(shape: Sequence[int], dtype: np.dtype, max_bytes: int = MAX_ARRAY_BYTES) -> int:
    """Return how many bytes an array takes.

    Args:
        shape: As the file declares it.
        dtype: Likewise.
        max_bytes: The limit.

    Raises:
        ValueError: They are too many, or the shape is none.
    """
    if any(side < 0 for side in shape):
        raise ValueError(f"it declares an array of the shape {tuple(shape)}")
    size = math.prod(int(side) for side in shape) * dtype.itemsize
    if size > max_bytes:
        text = " x ".join(map(str, shape))
        raise ValueError(
            f"it declares an array of {text} {dtype}, {size / 2**20:,.0f} MiB; "
            f"at most {max_bytes / 2**20:,.0f} MiB are read"
        )
    return size


def read_file(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a regular file.

    Args:
        path: The file.
        max_bytes: How many it may have.

    Raises:
        UserError: It is something else, such as a pipe, or larger than any picture or map.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    if not path.is_file():
        raise UserError(f"{path}: is no file; give a file")
    if size > max_bytes:
        raise UserError(
            f"{path}: has {size / 2**20:,.0f} MiB; at most {max_bytes / 2**20:,.0f} MiB are read"
        )
    return path.read_bytes()


LARGE_PIXELS = 2**24
"""A picture of more pixels is handled alone, so that the memory of several is never taken at
once."""
_LARGE = threading.RLock()


@contextmanager
def alone_if_large(pixels: int) -> Iterator[None]:
    """Let no other thread handle a large picture while the block handles one of so many pixels."""
    if pixels <= LARGE_PIXELS:
        yield
        return
    with _LARGE:
        yield


STRIP = 2**16
"""Pixels that are made at a time: with what is computed of them they stay in a core's cache."""


def strips(size: Sequence[int]) -> list[slice]:
    """Return slices of the rows of a picture [H, W, ...], of at most STRIP pixels or one row."""
    step = max(STRIP // max(size[1], 1), 1)
    return [slice(start, min(start + step, size[0])) for start in range(0, size[0], step)]

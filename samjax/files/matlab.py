"""MATLAB's files up to version 7 by others, read so that no more memory is taken than is allowed.

Version 7.3 is HDF5, see `samjax.files.hdf5`. SciPy reads the others; a compressed element may
unpack to a thousand times its size, so that is measured first, and a sparse matrix may declare any
size.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.io
from scipy.sparse import issparse

from samjax.files.limits import MAX_ARRAY_BYTES, check_array

HEADER = 128  # bytes before the first element
COMPRESSED = 15  # the type of an element that zlib has packed
MAX_RATIO = 1032  # of zlib
BLOCK = 2**20
MAX_DEPTH = 8
NUMERIC = "buif"


def read_mat(data: bytes, max_bytes: int = MAX_ARRAY_BYTES) -> dict[str, Any]:
    """Return the variables of a file by their names, as `scipy.io.loadmat` gives them.

    Raises:
        ValueError: It is damaged, or unpacks to more than is allowed.
    """
    if data[124:128] in (b"\x00\x01IM", b"\x01\x00MI"):
        _check_unpacked(data, max_bytes)
    try:
        contents = scipy.io.loadmat(io.BytesIO(data))
    except Exception as error:  # SciPy raises exceptions of many kinds on damaged files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"it is damaged, or no file of MATLAB: {reason}") from error
    # loadmat adds __header__, __version__ and __globals__.
    return {key: value for key, value in contents.items() if not key.startswith("__")}


def matrices(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays of numbers in a variable by name, those in its structs and cells too.

    Args:
        value: What `read_mat` gives for a variable.
        name: Of the variable; an array in a struct has the name of its field.
        depth: How many structs and cells are around it.

    Raises:
        ValueError: A sparse matrix is too large to be filled.
    """
    if issparse(value):
        check_array(value.shape, value.dtype)
        yield name, value.toarray()
        return
    if not isinstance(value, np.ndarray | np.void) or depth > MAX_DEPTH:
        return
    if value.dtype.names:
        for field in value.dtype.names:
            yield from matrices(value[field], field, depth + 1)
    elif value.dtype.kind == "O":
        for element in np.ravel(value)[:MAX_DEPTH]:
            yield from matrices(element, name, depth + 1)
    elif value.dtype.kind in NUMERIC and isinstance(value, np.ndarray):
        yield name, value


def _check_unpacked(data: bytes, max_bytes: int) -> None:
    """Refuse a file of version 5 whose compressed elements unpack to more than is allowed."""
    order = "little" if data[126:128] == b"IM" else "big"
    place, left = HEADER, max_bytes
    while place + 8 <= len(data):
        kind = int.from_bytes(data[place : place + 4], order)  # type: ignore[arg-type]
        size = int.from_bytes(data[place + 4 : place + 8], order)  # type: ignore[arg-type]
        packed = data[place + 8 : place + 8 + size]
        # What could not exceed the limit need not be unpacked twice.
        if kind == COMPRESSED and len(packed) * MAX_RATIO > left:
            left -= _unpacked_size(packed, left)
        if left < 0:
            raise ValueError(
                f"it unpacks to more than {max_bytes / 2**20:,.0f} MiB, and no more are read"
            )
        place += 8 + size


def _unpacked_size(packed: bytes, limit: int) -> int:
    """Return how many bytes zlib makes of these, counted to just beyond the limit."""
    unpacker, total = zlib.decompressobj(), 0
    try:
        while packed and total <= limit:
            total += len(unpacker.decompress(packed, BLOCK))
            packed = unpacker.unconsumed_tail
    except zlib.error:
        pass  # the damage is told by the reader
    return total

"""NumPy's files of arrays (.npy, .npz) by others.

Nothing is unpickled, and no more memory is taken than the file has bytes for. `numpy.load` takes
the memory that a header declares before it looks whether there are so many bytes, and reads the
header as Python code, which fails in many ways where it is damaged.
"""

import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from samjax.files.limits import MAX_ARRAY_BYTES, check_array

MAX_MEMBERS = 10_000
HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
Load = Callable[[], np.ndarray]


def read_npy(stream: BinaryIO, max_bytes: int = MAX_ARRAY_BYTES) -> np.ndarray:
    """Return the array of numbers that a stream holds from its position on; do not change it.

    Raises:
        ValueError: It is damaged, too large, or holds something else than numbers.
    """
    try:
        version = np.lib.format.read_magic(stream)
        shape, is_fortran, dtype = HEADERS[version](stream)
    except Exception as error:  # the header is parsed as Python code
        raise ValueError("its header is damaged, or it is no file of NumPy") from error
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which could run code and are never opened")
    size = check_array(shape, dtype, max_bytes)
    data = stream.read(size)
    if len(data) != size:
        raise ValueError(f"it is cut off: {len(data)} bytes of an array of {size}")
    array = np.frombuffer(data, dtype)
    return array.reshape(shape, order="F" if is_fortran else "C")


def npz_members(path: Path, max_bytes: int = MAX_ARRAY_BYTES) -> dict[str, Load]:
    """Return what reads each array of a .npz file, by the array's name.

    Raises:
        ValueError: The archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except Exception as error:
        raise ValueError("it is no archive of arrays, or damaged") from error
    if len(infos) > MAX_MEMBERS:
        raise ValueError(f"it has {len(infos)} members, too many")
    return {
        info.filename.removesuffix(".npy"): partial(_read_member, path, info, max_bytes)
        for info in infos
        if info.filename.endswith(".npy")
    }


def _read_member(path: Path, info: zipfile.ZipInfo, max_bytes: int) -> np.ndarray:
    """Return an array of an archive."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(info) as stream:
            array = read_npy(stream, max_bytes)  # type: ignore[arg-type]
            stream.read(1)  # at the end the checksum is compared
            return array
    except Exception as error:  # of the archive, of the compression, or of the array
        raise ValueError(f"its member {info.filename!r} cannot be read: {error}") from error

"""PyTorch's `.pth` files, read without PyTorch and without running the pickle inside.

There are two layouts. Since version 1.6 a file is a zip archive, with the pickle as `NAME/data.pkl`
and the storages as `NAME/data/KEY`. Before that it was a row of pickles (a magic number, a version,
facts about the system, the data, the keys of the storages), followed by the storages.
"""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from samjax.errors import UserError, one_line
from samjax.weights.opcodes import NotData, read_pickle
from samjax.weights.tensors import Tensor
from samjax.weights.torch_tree import read_tensors, storage_sizes

MAGIC = 0x1950A86A20F9469CFC6C  # the first object of the older layout
MAX_PICKLE = 1 << 26  # bytes; that of a state dict takes some thousands
# What damaged archives, and trees that are not what they should be, raise (RuntimeError: where an
# archive claims to be encrypted).
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    RuntimeError,
    ValueError,
    EOFError,
    OverflowError,
    struct.error,
    TypeError,
    LookupError,
    MemoryError,
)


def read_torch(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a saved state dict by name; their values are not read yet.

    Raises:
        UserError: The file is damaged, or something else than a state dict.
    """
    try:
        if zipfile.is_zipfile(path):
            return _from_zip(path)
        return _from_stream(path)
    except NotData as error:
        raise UserError(f"{path}: not a PyTorch state dict: {error}") from error
    except DAMAGE as error:
        reason = one_line(error)
        raise UserError(f"{path}: damaged or truncated PyTorch file: {reason}") from error


def _from_zip(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file in the layout since version 1.6."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}
        pickles = [name for name in members if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1:
            raise UserError(f"{path}: a zip archive without a data.pkl, expected a PyTorch file")
        size = members[pickles[0]].file_size
        if size > MAX_PICKLE:
            raise UserError(f"{path}: {pickles[0]} declares {size} bytes")
        tree = read_pickle(io.BytesIO(archive.read(pickles[0])))
    folder = pickles[0].removesuffix("data.pkl") + "data/"

    def read_storage(key: str, count: int, dtype: np.dtype) -> np.ndarray:
        """Read a storage, which must be as large as the pickle says, and uncompressed."""
        info = members.get(folder + key)
        size = count * dtype.itemsize
        if info is None or info.file_size != size or info.compress_type != zipfile.ZIP_STORED:
            have = f"{info.file_size} bytes" if info else "nothing"
            raise ValueError(f"storage {key} has {have}, expected {size} bytes uncompressed")
        try:
            with zipfile.ZipFile(path) as archive:
                return np.frombuffer(archive.read(info), dtype)
        except DAMAGE as error:
            raise ValueError(one_line(error)) from error

    return read_tensors(tree, read_storage, path)


def _from_stream(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file in the layout before version 1.6."""
    with open(path, "rb") as file:
        if read_pickle(file) != MAGIC:
            raise UserError(
                f"{path}: a Python pickle, which could run code and is never opened; expected a "
                "PyTorch state dict, Keras' HDF5 or .safetensors"
            )
        _version, _system, tree, keys = (read_pickle(file) for _ in range(4))
        start = file.tell()
    if not isinstance(keys, list):
        raise NotData("no list of storages")
    positions = _positions(tree, keys, start)

    def read_storage(key: str, count: int, dtype: np.dtype) -> np.ndarray:
        """Read a storage, which must be where it should be and as large as the pickle says."""
        with open(path, "rb") as file:
            file.seek(positions[key])
            declared = np.frombuffer(file.read(8), "<i8")
            if declared.size != 1 or declared[0] != count:
                raise ValueError(f"storage {key} is truncated or not where it was expected")
            if path.stat().st_size - file.tell() < count * dtype.itemsize:
                raise ValueError(f"storage {key} is truncated, expected {count} values")
            return np.fromfile(file, dtype, count)

    return read_tensors(tree, read_storage, path)


def _positions(tree: Any, keys: list, start: int) -> dict[str, int]:
    """Return where in the file each storage begins.

    A storage is its length as int64 and then its values; they follow one another in the order of
    `keys`, from the position `start`.
    """
    sizes = storage_sizes(tree)
    positions = {}
    position = start
    for key in keys:
        positions[key] = position
        position += 8 + sizes.get(key, 0)
    return positions

"""PyTorch's `.pth` files as tensors, without PyTorch and without running the pickle inside.

Two layouts: since 1.6 a zip archive (`NAME/data.pkl`, storages in `NAME/data/KEY`), before that
pickles one after another (magic, version, system, data, keys) followed by the storages.
"""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from samjax.errors import UserError, one_line
from samjax.weights.opcodes import Call, Name, NotData, Reference, read_pickle
from samjax.weights.tensors import Tensor

MAGIC = 0x1950A86A20F9469CFC6C  # the first object of the older layout
LARGEST_PICKLE = 1 << 26  # bytes; that of a state dict is some thousands
DTYPES = {
    "FloatStorage": "float32",
    "DoubleStorage": "float64",
    "HalfStorage": "float16",
    "LongStorage": "int64",
    "IntStorage": "int32",
}
REBUILD = {Name("torch._utils", "_rebuild_tensor"), Name("torch._utils", "_rebuild_tensor_v2")}
PARAMETER = {
    Name("torch.nn.parameter", "Parameter"),
    Name("torch._utils", "_rebuild_parameter"),
}
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
Storage = Callable[[str, int, np.dtype], np.ndarray]


def read_torch(path: Path) -> dict[str, Tensor]:
    """The tensors of a saved state dict by name. Raises UserError for anything else."""
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
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info for info in archive.infolist()}
        pickles = [name for name in sizes if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1:
            raise UserError(f"{path}: a zip archive without a data.pkl, expected a PyTorch file")
        if sizes[pickles[0]].file_size > LARGEST_PICKLE:
            raise UserError(f"{path}: {pickles[0]} declares {sizes[pickles[0]].file_size} bytes")
        tree = read_pickle(io.BytesIO(archive.read(pickles[0])))
    folder = pickles[0].removesuffix("data.pkl") + "data/"

    def storage(key: str, count: int, dtype: np.dtype) -> np.ndarray:
        info = sizes.get(folder + key)
        size = count * dtype.itemsize
        if info is None or info.file_size != size or info.compress_type != zipfile.ZIP_STORED:
            have = f"{info.file_size} bytes" if info else "nothing"
            raise ValueError(f"storage {key} has {have}, expected {size} bytes uncompressed")
        try:
            with zipfile.ZipFile(path) as archive:
                return np.frombuffer(archive.read(info), dtype)
        except DAMAGE as error:
            raise ValueError(one_line(error)) from error

    return _tensors(tree, storage, path)


def _from_stream(path: Path) -> dict[str, Tensor]:
    with open(path, "rb") as file:
        if read_pickle(file) != MAGIC:
            raise UserError(
                f"{path}: a Python pickle, which could run code and is never opened; expected a "
                "PyTorch state dict, Keras' HDF5 or .safetensors"
            )
        _, _, tree, keys = (read_pickle(file) for _ in range(4))
        start = file.tell()
    if not isinstance(keys, list):
        raise NotData("no list of storages")
    places = _places(tree, keys, start)

    def storage(key: str, count: int, dtype: np.dtype) -> np.ndarray:
        with open(path, "rb") as file:
            file.seek(places[key])
            declared = np.frombuffer(file.read(8), "<i8")
            if declared.size != 1 or declared[0] != count:
                raise ValueError(f"storage {key} is truncated or not where it was expected")
            if path.stat().st_size - file.tell() < count * dtype.itemsize:
                raise ValueError(f"storage {key} is truncated, expected {count} values")
            return np.fromfile(file, dtype, count)

    return _tensors(tree, storage, path)


def _places(tree: Any, keys: list, start: int) -> dict[str, int]:
    """Where each storage begins: its length as int64, then its values, in the order of `keys`."""
    sizes = {}
    for value in _state(tree).values():
        if (found := _tensor_call(value)) is not None:
            key, count, dtype = _storage_of(found.arguments[0])
            sizes[key] = count * dtype.itemsize
    places = {}
    for key in keys:
        places[key] = start
        start += 8 + sizes.get(key, 0)
    return places


def _state(tree: Any) -> dict:
    """The state dict; training checkpoints often hold it as "state_dict"."""
    if isinstance(tree, dict) and isinstance(tree.get("state_dict"), dict):
        tree = tree["state_dict"]
    if not isinstance(tree, dict):
        raise NotData(f"holds {_describe(tree)}, expected a dict of tensors")
    return tree


def _tensors(tree: Any, storage: Storage, path: Path) -> dict[str, Tensor]:
    tensors = {}
    for name, value in _state(tree).items():
        call = _tensor_call(value)
        if call is None:
            if isinstance(value, Call | Name):
                raise NotData(f"{name} holds {_describe(value)}, expected a tensor")
            continue
        tensors[str(name)] = _tensor(str(name), call.arguments, storage, path)
    return tensors


def _tensor_call(value: Any) -> Call | None:
    """The call that would rebuild a tensor, out of its parameter if it is one."""
    if isinstance(value, Call) and value.function in PARAMETER and value.arguments:
        value = value.arguments[0]
    is_tensor = isinstance(value, Call) and value.function in REBUILD
    return value if is_tensor and len(value.arguments) >= 4 else None


def _storage_of(reference: Any) -> tuple[str, int, np.dtype]:
    """(key, number of values, dtype) of a storage's persistent identifier."""
    match reference:
        case Reference(("storage", Name("torch", kind), key, _, int(count), *_)) if kind in DTYPES:
            if 0 <= count < 1 << 40:
                return str(key), count, np.dtype(DTYPES[kind]).newbyteorder("<")
    raise NotData(f"unknown storage {_describe(reference)}")


def _tensor(name: str, arguments: tuple, storage: Storage, path: Path) -> Tensor:
    reference, offset, shape, strides = arguments[:4]
    key, count, dtype = _storage_of(reference)
    numbers = (offset, *shape, *strides)
    if len(shape) != len(strides) or not all(isinstance(n, int) and n >= 0 for n in numbers):
        raise NotData(f"tensor {name} has shape {shape} and strides {strides}")

    def load() -> np.ndarray:
        last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
        if math.prod(shape) and last >= count:
            raise ValueError(f"it reaches beyond its storage of {count} values")
        values = storage(key, count, dtype)[offset:]
        steps = [s * dtype.itemsize for s in strides]
        return np.lib.stride_tricks.as_strided(values, shape, steps, writeable=False).copy()

    return Tensor(str(path), name, tuple(shape), dtype.name, load)


def _describe(value: Any) -> str:
    """A short name for what a pickle holds; never its contents."""
    if isinstance(value, Call):
        value = value.function
    return f"{value.module}.{value.name}" if isinstance(value, Name) else type(value).__name__

"""From the pickled tree of a PyTorch file to the tensors that it describes.

The pickle holds no values. For each tensor it holds the call that would rebuild it, with the
identifier of a storage (one array of values), an offset into it, a shape and strides.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from samjax.weights.opcodes import Call, Name, NotData, Reference
from samjax.weights.tensors import Tensor

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
# Reads a storage: called with its key, the number of its values and their type.
ReadStorage = Callable[[str, int, np.dtype], np.ndarray]


def read_tensors(tree: Any, read_storage: ReadStorage, path: Path) -> dict[str, Tensor]:
    """Return the tensors of a state dict by name; their values are not read yet.

    Args:
        tree: What the pickle holds.
        read_storage: Reads a storage of the file.
        path: The path of the file, for messages.

    Raises:
        NotData: The tree is no state dict, or holds something else than tensors.
    """
    tensors = {}
    for name, value in _state_dict(tree).items():
        call = _tensor_call(value)
        if call is not None:
            tensors[str(name)] = _tensor(str(name), call.arguments, read_storage, path)
        elif isinstance(value, Call | Name):
            raise NotData(f"{name} holds {_describe(value)}, expected a tensor")
        # Anything else is a number or a text beside the tensors, as an epoch.
    return tensors


def storage_sizes(tree: Any) -> dict[str, int]:
    """Return the size in bytes of each storage that the tensors of a state dict use."""
    sizes = {}
    for value in _state_dict(tree).values():
        call = _tensor_call(value)
        if call is not None:
            key, count, dtype = _storage(call.arguments[0])
            sizes[key] = count * dtype.itemsize
    return sizes


def _state_dict(tree: Any) -> dict:
    """Return the state dict, which checkpoints of a training often hold as "state_dict"."""
    if isinstance(tree, dict) and isinstance(tree.get("state_dict"), dict):
        tree = tree["state_dict"]
    if not isinstance(tree, dict):
        raise NotData(f"holds {_describe(tree)}, expected a dict of tensors")
    return tree


def _tensor_call(value: Any) -> Call | None:
    """Return the call that would rebuild a tensor, taken out of its parameter if it is one."""
    if isinstance(value, Call) and value.function in PARAMETER and value.arguments:
        value = value.arguments[0]
    is_tensor = isinstance(value, Call) and value.function in REBUILD
    return value if is_tensor and len(value.arguments) >= 4 else None


def _storage(reference: Any) -> tuple[str, int, np.dtype]:
    """Return the key, the number of values and their type of a storage's identifier."""
    match reference:
        case Reference(("storage", Name("torch", kind), key, _, int(count), *_)) if kind in DTYPES:
            if 0 <= count < 1 << 40:
                return str(key), count, np.dtype(DTYPES[kind]).newbyteorder("<")
    raise NotData(f"unknown storage {_describe(reference)}")


def _tensor(name: str, arguments: tuple, read_storage: ReadStorage, path: Path) -> Tensor:
    """Return a tensor from the arguments of the call that would rebuild it."""
    reference, offset, shape, strides = arguments[:4]
    key, count, dtype = _storage(reference)
    numbers = (offset, *shape, *strides)
    if len(shape) != len(strides) or not all(isinstance(n, int) and n >= 0 for n in numbers):
        raise NotData(f"tensor {name} has shape {shape} and strides {strides}")

    def load() -> np.ndarray:
        """Read the values."""
        last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
        if math.prod(shape) and last >= count:
            raise ValueError(f"it reaches beyond its storage of {count} values")
        values = read_storage(key, count, dtype)[offset:]
        byte_strides = [stride * dtype.itemsize for stride in strides]
        view = np.lib.stride_tricks.as_strided(values, shape, byte_strides, writeable=False)
        return view.copy()

    return Tensor(str(path), name, tuple(shape), dtype.name, load)


def _describe(value: Any) -> str:
    """Return a short name for what a pickle holds, which never shows its contents."""
    if isinstance(value, Call):
        value = value.function
    return f"{value.module}.{value.name}" if isinstance(value, Name) else type(value).__name__

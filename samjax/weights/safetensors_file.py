"""Our own weight files, in the format .safetensors.

The tensors are named by their paths in SAM's variables, as in
"params/backbone/block1_conv1/kernel". They are float32, or their kernels are float16 in a file that
is half as large; in memory they are float32 again. `samjax.weights.file_metadata` has the metadata.
"""

from functools import partial
from pathlib import Path

import numpy as np
from flax.traverse_util import unflatten_dict
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from samjax.errors import UserError, one_line
from samjax.files.atomic import atomic
from samjax.weights.file_metadata import read_kind, read_metadata, read_model, write_metadata
from samjax.weights.pretrained import Pretrained, backbone_shapes, shapes
from samjax.weights.tensors import Tensor, read, read_variance

DTYPES = {"F16": "float16", "F32": "float32", "F64": "float64", "I64": "int64"}
STORED_AS = ("float32", "float16")
"""The types that a file's kernels may have."""


def save(path: Path, weights: Pretrained, dtype: str = "float32") -> None:
    """Write a file, which appears at once or not at all.

    In float32 `load` reads it back bit for bit. In float16 the kernels are rounded to the nearest
    float16, and everything with one or two axes (biases, priors, means and variances) is not: it
    takes no space, and small variances would vanish.

    Args:
        path: The file.
        weights: What to write.
        dtype: The type of the kernels, one of `STORED_AS`.

    Raises:
        UserError: A value is too large for float16.
    """
    tensors = {}
    for variable, array in weights.flat().items():
        name = "/".join(variable)
        tensors[name] = np.ascontiguousarray(array)
        if dtype == "float16" and array.ndim > 2:
            tensors[name] = _halved(name, tensors[name])
    with atomic(path) as partial_path:
        save_file(tensors, partial_path, write_metadata(weights))


def _halved(name: str, array: np.ndarray) -> np.ndarray:
    """Return an array as float16; UserError if a value is beyond its range."""
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        half = array.astype(np.float16)
    if not np.isfinite(half).all():
        largest = np.abs(array).max()
        raise UserError(
            f"tensor {name} has values up to {largest:g}, too large for float16; "
            "use --dtype float32"
        )
    return half


def read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors by name and the metadata of any .safetensors file.

    Raises:
        UserError: The file is damaged.
    """
    try:
        file = safe_open(path, framework="numpy")
        names, metadata = file.keys(), file.metadata() or {}
        parts = {name: file.get_slice(name) for name in names}
        declared = {
            name: (tuple(part.get_shape()), part.get_dtype()) for name, part in parts.items()
        }
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: damaged .safetensors file: {one_line(error)}") from error

    def load(name: str) -> np.ndarray:
        """Read the values of a tensor."""
        try:
            return file.get_tensor(name)
        except SafetensorError as error:
            raise ValueError(one_line(error)) from error

    def tensor(name: str) -> Tensor:
        """Return what the file declares about a tensor."""
        shape, dtype = declared[name]
        return Tensor(str(path), name, shape, DTYPES.get(dtype, dtype), partial(load, name))

    return {name: tensor(name) for name in declared}, metadata


def from_samjax(tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> Pretrained:
    """Return the weights of a file that `save` wrote.

    Args:
        tensors: The tensors of the file by name.
        metadata: Its metadata.
        path: Its path.

    Raises:
        UserError: A tensor is missing, is too many or does not fit, or so for the metadata.
    """
    model = read_model(metadata, path)
    expected = (shapes if read_kind(metadata, path) == "sam" else backbone_shapes)(model)
    names = {"/".join(variable): variable for variable in expected}
    foreign = sorted(set(tensors) - set(names))
    missing = sorted(set(names) - set(tensors))
    if foreign or missing:
        what = f"{missing[0]} is missing" if missing else f"{foreign[0]} is not in the network"
        raise UserError(f"{path}: tensor {what}")
    flat = {}
    for name, variable in names.items():
        check = read_variance if variable[-1] == "var" else read
        flat[variable] = check(tensors[name], expected[variable])
    return read_metadata(metadata, unflatten_dict(flat), path)

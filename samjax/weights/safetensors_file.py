"""Our own weight files, in the format .safetensors.

The tensors are float32 and named by their paths in SAM's variables, as in
"params/backbone/block1_conv1/kernel". The metadata are texts:

    format         "samjax"
    kind           "sam" or "backbone", see `Pretrained`
    face           the preset, "paper" or "samjax"
    normalization  of the input
    origin         the file that the weights come from
    sha256         the checksum of that file
    framing        the resize mode
    input_size     JSON, [height, width]
    model          JSON, the fields of SAM
"""

import dataclasses
import json
from functools import partial
from pathlib import Path

import numpy as np
from flax.traverse_util import unflatten_dict
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from samjax.data.resize_mode import RESIZE_MODES
from samjax.errors import UserError, one_line
from samjax.files.atomic import atomic
from samjax.models import SAM
from samjax.models.fields import CHOICES, RANGES
from samjax.weights.pretrained import Pretrained, backbone_shapes, shapes
from samjax.weights.tensors import Tensor, read, read_variance

FORMAT = "samjax"
DTYPES = {"F16": "float16", "F32": "float32", "F64": "float64", "I64": "int64"}


def save(path: Path, weights: Pretrained) -> None:
    """Write a file that `load` reads back bit for bit; it appears at once or not at all."""
    tensors = {
        "/".join(variable): np.ascontiguousarray(array)
        for variable, array in weights.flat().items()
    }
    metadata = {
        "format": FORMAT,
        "kind": weights.kind,
        "face": weights.preset,
        "normalization": weights.model["normalization"],
        "origin": weights.origin,
        "sha256": weights.sha256,
        "model": json.dumps(_fields(weights), sort_keys=True),
        "input_size": json.dumps(weights.input_size),
        "framing": weights.resize_mode,
    }
    with atomic(path) as partial_path:
        save_file(tensors, partial_path, metadata)


def _fields(weights: Pretrained) -> dict:
    """Return the fields of SAM to write.

    Of a whole network they are all written, so that a change of a default cannot change it.
    """
    fields = dict(weights.model)
    if weights.kind == "sam":
        fields = {field.name: field.default for field in dataclasses.fields(SAM)} | fields
    return {name: value for name, value in fields.items() if name in CHOICES | RANGES}


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
    kind = metadata.get("kind")
    model = _model(metadata, path)
    if kind not in ("sam", "backbone"):
        raise UserError(f"{path}: kind is {kind!r}, expected 'sam' or 'backbone'")
    expected = (shapes if kind == "sam" else backbone_shapes)(model)
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
    return Pretrained(
        kind,
        unflatten_dict(flat),
        model,
        origin=metadata.get("origin", path.name),
        sha256=metadata.get("sha256", ""),
        input_size=_input_size(metadata, path),
        resize_mode=_resize_mode(metadata, path),
    )


def _input_size(metadata: dict[str, str], path: Path) -> tuple[int, int]:
    """Return height and width of the input in pixels."""
    text = metadata.get("input_size", "[240, 320]")
    try:
        height, width = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        height = width = None
    # `type` and not `isinstance`, because True is an int.
    if not all(type(size) is int and 8 <= size <= 8192 for size in (height, width)):
        raise UserError(f"{path}: input_size is {text[:40]}, expected [HEIGHT, WIDTH]")
    return height, width


def _resize_mode(metadata: dict[str, str], path: Path) -> str:
    """Return how images are put into the input size; files call it `framing`."""
    resize_mode = metadata.get("framing", "letterbox")
    if resize_mode not in RESIZE_MODES:
        raise UserError(f"{path}: framing is {resize_mode!r}, expected {' or '.join(RESIZE_MODES)}")
    return resize_mode


def _model(metadata: dict[str, str], path: Path) -> dict:
    """Return the fields of SAM that the metadata tell, each of them checked."""
    try:
        model = json.loads(metadata.get("model", ""))
    except (ValueError, RecursionError):
        model = None
    if not isinstance(model, dict) or not {"backbone", "normalization"} <= set(model):
        raise UserError(f"{path}: the metadata hold no fields of SAM, expected JSON in 'model'")
    for field, value in model.items():
        allowed = tuple(CHOICES.get(field) or RANGES.get(field) or ())
        # Types are compared too, because 1 == True and 4.0 == 4.
        if not any(type(value) is type(choice) and value == choice for choice in allowed):
            words = f"{allowed[0]} to {allowed[-1]}" if field in RANGES else allowed or "no such"
            raise UserError(f"{path}: model field {field} is {value!r}, expected {words}")
    return model

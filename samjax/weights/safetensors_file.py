"""Our own files: `.safetensors`, tensors named by their paths in SAM's variables.

"params/backbone/block1_conv1/kernel" and so on, float32. The metadata are texts: `format`
("samjax"), `kind`, `face`, `normalization`, `origin`, `sha256` (of the origin), `framing` and, as
JSON, `input_size` and `model`, the fields of SAM.
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
from samjax.models.normalization import NORMALIZATIONS
from samjax.models.readout import READOUTS
from samjax.models.sam import BACKBONES
from samjax.models.upsampling import ALIGNMENTS
from samjax.weights.pretrained import Pretrained, backbone_shapes, shapes
from samjax.weights.tensors import Tensor, read, read_variance

FORMAT = "samjax"
DTYPES = {"F16": "float16", "F32": "float32", "F64": "float64", "I64": "int64"}
# What a file says of SAM, and may say; how to compute and to train (`dtype`, `remat`, ...) is not
# the weights' affair.
CHOICES = {
    "backbone": tuple(BACKBONES),
    "norm": ("none", "batch"),
    "stride_on": ("1x1", "3x3"),
    "dilated": (True, False),
    "attention_scale": ("sum", "mean"),
    "priors": ("clip", "sigmoid"),
    "readout": READOUTS,
    "alignment": tuple(ALIGNMENTS),
    "normalization": tuple(NORMALIZATIONS),
}
RANGES = {
    "features": range(1, 4097),
    "timesteps": range(101),
    "gaussians": range(1025),
    "upsampling": range(1, 65),
}


def save(path: Path, weights: Pretrained) -> None:
    """Writes a file that `load` reads back bit for bit."""
    tensors = {"/".join(p): np.ascontiguousarray(a) for p, a in weights.flat().items()}
    metadata = {
        "format": FORMAT,
        "kind": weights.kind,
        "face": weights.face,
        "normalization": weights.model["normalization"],
        "origin": weights.origin,
        "sha256": weights.sha256,
        "model": json.dumps(_fields(weights), sort_keys=True),
        "input_size": json.dumps(weights.input_size),
        "framing": weights.resize_mode,
    }
    with atomic(path) as partial:
        save_file(tensors, partial, metadata)


def _fields(weights: Pretrained) -> dict:
    """The fields to write; of a whole network all of them, so that no default can change it."""
    whole = {f.name: f.default for f in dataclasses.fields(SAM)} if weights.kind == "sam" else {}
    fields = {**whole, **weights.model}
    return {name: value for name, value in fields.items() if name in CHOICES | RANGES}


def read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """(tensors by name, metadata) of any .safetensors file. Raises UserError if damaged."""
    try:
        file = safe_open(path, framework="numpy")
        names, metadata = file.keys(), file.metadata() or {}
        parts = {name: file.get_slice(name) for name in names}
        declared = {n: (tuple(p.get_shape()), p.get_dtype()) for n, p in parts.items()}
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: damaged .safetensors file: {one_line(error)}") from error

    def load(name: str) -> np.ndarray:
        try:
            return file.get_tensor(name)
        except SafetensorError as error:
            raise ValueError(one_line(error)) from error

    def tensor(name: str) -> Tensor:
        shape, dtype = declared[name]
        return Tensor(str(path), name, shape, DTYPES.get(dtype, dtype), partial(load, name))

    return {name: tensor(name) for name in declared}, metadata


def from_samjax(tensors: dict[str, Tensor], metadata: dict[str, str], path: Path) -> Pretrained:
    """A file of `save`'s. Raises UserError for any tensor or field that does not fit."""
    kind, model = metadata.get("kind"), _model(metadata, path)
    if kind not in ("sam", "backbone"):
        raise UserError(f"{path}: kind is {kind!r}, expected 'sam' or 'backbone'")
    expected = (shapes if kind == "sam" else backbone_shapes)(model)
    names = {"/".join(p): p for p in expected}
    foreign = sorted(set(tensors) - set(names))
    missing = sorted(set(names) - set(tensors))
    if foreign or missing:
        what = f"{missing[0]} is missing" if missing else f"{foreign[0]} is not in the network"
        raise UserError(f"{path}: tensor {what}")
    flat = {}
    for name, p in names.items():
        check = read_variance if p[-1] == "var" else read
        flat[p] = check(tensors[name], expected[p])
    origin, digest = metadata.get("origin", path.name), metadata.get("sha256", "")
    return Pretrained(
        kind,
        unflatten_dict(flat),
        model,
        origin,
        digest,
        input_size=_input_size(metadata, path),
        resize_mode=_framing(metadata, path),
    )


def _input_size(metadata: dict[str, str], path: Path) -> tuple[int, int]:
    text = metadata.get("input_size", "[240, 320]")
    try:
        height, width = json.loads(text)
        assert all(type(n) is int and 8 <= n <= 8192 for n in (height, width))
    except (ValueError, TypeError, AssertionError, RecursionError):
        raise UserError(f"{path}: input_size is {text[:40]}, expected [HEIGHT, WIDTH]") from None
    return height, width


def _framing(metadata: dict[str, str], path: Path) -> str:
    resize_mode = metadata.get("framing", "letterbox")
    if resize_mode not in RESIZE_MODES:
        raise UserError(f"{path}: framing is {resize_mode!r}, expected {' or '.join(RESIZE_MODES)}")
    return resize_mode


def _model(metadata: dict[str, str], path: Path) -> dict:
    """SAM's fields of the metadata, each of them checked."""
    try:
        model = json.loads(metadata.get("model", ""))
    except (ValueError, RecursionError):
        model = None
    if not isinstance(model, dict) or not {"backbone", "normalization"} <= set(model):
        raise UserError(f"{path}: the metadata hold no fields of SAM, expected JSON in 'model'")
    for field, value in model.items():
        allowed = CHOICES.get(field) or RANGES.get(field, ())
        if not any(type(value) is type(a) and value == a for a in allowed):
            words = f"{allowed[0]} to {allowed[-1]}" if field in RANGES else allowed or "no such"
            raise UserError(f"{path}: model field {field} is {value!r}, expected {words}")
    return model

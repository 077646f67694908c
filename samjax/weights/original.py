"""The released networks' weights: reads and writes their HDF5 files (named ".pkl" there)."""

import os
from pathlib import Path

import h5py
import numpy as np
from flax.traverse_util import unflatten_dict

from samjax.errors import UserError
from samjax.files.atomic import atomic
from samjax.files.checksum import sha256
from samjax.weights.hdf5 import Layers, open_layers
from samjax.weights.layout import Slot, file_shape, layout, to_file, to_variable
from samjax.weights.pretrained import PAPER, Pretrained, is_paper, shapes
from samjax.weights.tensors import Tensor, read, read_variance

MARK = "attentiveconvlstm_1"  # the layer that only these files have
SUFFIXES = ("_W", "_b", "_gamma", "_beta", "_running_mean", "_running_std")


def load(path: Path, model: dict | None = None) -> Pretrained:
    """Reads a file of the original's layout; `model` as of `SAM`, None: the released network
    that the layers' names tell (SAM-VGG or SAM-ResNet)."""
    with open_layers(path) as layers:
        model = model or {"backbone": _backbone(layers, path), **PAPER}
        variables = read_layers(layers, model, path)
    return Pretrained("sam", variables, model, path.name, sha256(path), resize_mode="paper")


def _backbone(layers: Layers, path: Path) -> str:
    found = [b for name, b in (("block1_conv1", "vgg16"), ("conv1", "resnet50")) if name in layers]
    if len(found) != 1:
        raise UserError(
            f"{path}: expected layer block1_conv1 (SAM-VGG) or conv1 (SAM-ResNet), "
            f"found {'both' if found else 'neither'}"
        )
    return found[0]


def read_layers(layers: Layers, model: dict, path: Path) -> dict:
    """The layers' tensors as SAM's variables. Raises UserError for any that does not fit."""
    expected = {name: slots for name, slots in layout(model).items() if slots}
    foreign = [name for name, tensors in layers.items() if tensors and name not in expected]
    if foreign:
        raise UserError(
            f"{path}: layer {foreign[0]} with weights is not in SAM's {model['backbone']}"
        )
    wanted = shapes(model)
    flat = {p: np.empty(shape, np.float32) for p, shape in wanted.items()}
    for name, slots in expected.items():
        tensors = layers.get(name)
        if not tensors:
            raise UserError(f"{path}: layer {name} is missing, expected {len(slots)} tensors")
        if len(tensors) != len(slots):
            raise UserError(
                f"{path}: layer {name} has {len(tensors)} tensors, expected {len(slots)}"
            )
        for tensor, slot in zip(tensors, slots, strict=True):
            _fill(flat[slot.path], tensor, slot)
    return unflatten_dict(flat)


def _fill(variable: np.ndarray, tensor: Tensor, slot: Slot) -> None:
    """Reads a tensor into its place. Names are compared by their ends only: the numbers of
    unnamed layers depend on what else the writing process had built."""
    ending = next((s for s in SUFFIXES if tensor.name.endswith(s)), None)
    if ending and not slot.name.endswith(ending):
        raise UserError(
            f"{tensor.file}: tensor {tensor.name} stands where {slot.name} was expected"
        )
    check = read_variance if slot.name.endswith("_running_std") else read
    array = to_variable(check(tensor, file_shape(variable.shape, slot)), variable.shape)
    if slot.gate is not None:
        variable = np.split(variable, 4, axis=-1)[slot.gate]  # a view
    variable[...] = array


def save(path: Path, weights: Pretrained) -> None:
    """Writes the original's layout, layers at the root. Raises UserError but for a paper face."""
    if weights.kind != "sam" or not is_paper(weights.model):
        raise UserError(
            f"{weights.origin}: only a whole network in the paper face has the original's layout; "
            "write .safetensors instead"
        )
    with atomic(path) as partial:
        write(partial, weights)


def write(path: str | os.PathLike, weights: Pretrained) -> None:
    flat, layers = weights.flat(), layout(weights.model)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([name.encode() for name in layers])
        for name, slots in layers.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array([slot.name.encode() for slot in slots])
            for slot in slots:
                group.create_dataset(slot.name, data=to_file(flat[slot.path], slot))

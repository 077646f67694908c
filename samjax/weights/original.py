"""The weight files of the networks that Cornia et al. released.

They are HDF5 files in Keras' layout, although the release calls them ".pkl".
"""

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
# What the names of tensors end with.
SUFFIXES = ("_W", "_b", "_gamma", "_beta", "_running_mean", "_running_std")


def load(path: Path, model: dict | None = None) -> Pretrained:
    """Read a file in the original's layout.

    Args:
        path: The file.
        model: The fields of `SAM` that the file was written for. If None, it is a released network,
            and the names of the layers tell which one: SAM-VGG or SAM-ResNet.

    Raises:
        UserError: The file is damaged or does not fit the network.
    """
    with open_layers(path) as layers:
        model = model or {"backbone": _backbone(layers, path), **PAPER}
        variables = read_layers(layers, model, path)
    return Pretrained("sam", variables, model, path.name, sha256(path), resize_mode="paper")


def _backbone(layers: Layers, path: Path) -> str:
    """Return the backbone of the network that a file holds, told by its first layer."""
    first_layers = {"block1_conv1": "vgg16", "conv1": "resnet50"}
    backbones = [backbone for layer, backbone in first_layers.items() if layer in layers]
    if len(backbones) != 1:
        raise UserError(
            f"{path}: expected layer block1_conv1 (SAM-VGG) or conv1 (SAM-ResNet), "
            f"found {'both' if backbones else 'neither'}"
        )
    return backbones[0]


def read_layers(layers: Layers, model: dict, path: Path) -> dict:
    """Return the tensors of a file as SAM's variables.

    Args:
        layers: The layers of the open file.
        model: The fields of `SAM`.
        path: The path of the file.

    Raises:
        UserError: A layer or tensor is missing, is too many or does not fit.
    """
    expected = {name: slots for name, slots in layout(model).items() if slots}
    foreign = [name for name, tensors in layers.items() if tensors and name not in expected]
    if foreign:
        raise UserError(
            f"{path}: layer {foreign[0]} with weights is not in SAM's {model['backbone']}"
        )
    # Every element is filled below, since the layout has a tensor for each part of each variable.
    flat = {variable: np.empty(shape, np.float32) for variable, shape in shapes(model).items()}
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
    """Read a tensor into the variable that it belongs to, or into a quarter of it.

    Names are compared by their ends only, since they hold numbers that Keras gave to layers without
    a name, and these depend on what else the process that wrote the file had built.
    """
    ending = next((suffix for suffix in SUFFIXES if tensor.name.endswith(suffix)), None)
    if ending and not slot.name.endswith(ending):
        raise UserError(
            f"{tensor.file}: tensor {tensor.name} stands where {slot.name} was expected"
        )
    check = read_variance if slot.name.endswith("_running_std") else read
    array = to_variable(check(tensor, file_shape(variable.shape, slot)), variable.shape)
    if slot.gate is not None:
        variable = np.split(variable, 4, axis=-1)[slot.gate]  # a view, which is written through
    variable[...] = array


def save(path: Path, weights: Pretrained) -> None:
    """Write a file in the original's layout, which appears at once or not at all.

    Raises:
        UserError: The weights are not of a whole network in the preset "paper".
    """
    if weights.kind != "sam" or not is_paper(weights.model):
        raise UserError(
            f"{weights.origin}: only a whole network in the paper preset has the original's "
            "layout; write .safetensors instead"
        )
    with atomic(path) as partial:
        write(partial, weights)


def write(path: str | os.PathLike, weights: Pretrained) -> None:
    """Write the layers to the root of an HDF5 file; `weights` may have any widths."""
    flat, layers = weights.flat(), layout(weights.model)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([name.encode() for name in layers])
        for name, slots in layers.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array([slot.name.encode() for slot in slots])
            for slot in slots:
                group.create_dataset(slot.name, data=to_file(flat[slot.path], slot))

"""The layout of the original's weight files: which of their tensors is which of SAM's variables.

Keras 1.1 saved the files with a group per layer and the tensors of a layer in a fixed order. The
layers stand here in the order in which Keras lists them, since Keras reads a file by position, and
those without weights are listed too.

Kernels are [out, in, rows, columns] in the files, and Keras applies them as true convolutions, so
both spatial axes are reversed here. What is called "running_std" is the variance. The N Gaussians
of a prior block are one vector of 4 N scalars.
"""

from itertools import count
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np

from samjax.models import stages
from samjax.models.backbones import BACKBONES

# The gates of W and U in the order of the files: input, forget, cell and output. The value is the
# quarter that a gate takes in our kernels, which hold all four on their last axis.
GATES = {"i": 0, "f": 1, "c": 3, "o": 2}
LSTM = "attentive_convlstm"


class Slot(NamedTuple):
    """A tensor of a file and the variable that it fills.

    Attributes:
        name: The tensor's name in the file.
        path: The path of the variable in SAM's tree.
        gate: The quarter of the variable's last axis that the tensor fills; None if it fills all.
    """

    name: str
    path: tuple[str, ...]
    gate: int | None = None


Layout = dict[str, list[Slot]]


def layout(model: dict) -> Layout:
    """Return the layers of a file for SAM with these fields, in Keras' order."""
    table: Any = BACKBONES[model["backbone"]][1]
    unnamed = count(1)  # Keras numbers the convolutions that nobody named
    if isinstance(table, stages.ResNetTable):
        layers = _resnet(table)
        merges = sum(stage.blocks for stage in table.stages)  # a sum per block, which Keras numbers
        if 4 * table.stages[-1].features != model["features"]:
            layers |= _conv(f"convolution2d_{next(unnamed)}", "conv_feat")
    else:
        layers = _vgg(table)
        merges = 0
    lstm = _lstm(unnamed)
    layers |= {"lambda_1": [], "input_2": [], "attentiveconvlstm_1": lstm}
    for k in (1, 2):
        prior, block = f"learningprior_{k}", f"prior_block{k}"
        layers[prior] = [Slot(f"{prior}_W", ("params", block, "priors", "gaussians"))]
        layers[f"merge_{merges + k}"] = []
        layers |= _conv(f"atrousconvolution2d_{k}", block)
    layers |= _conv(f"convolution2d_{next(unnamed)}", "readout")
    return {**layers, "lambda_2": []}


def _conv(layer: str, *path: str) -> Layout:
    """Return the layer of the convolution at this path."""
    return {
        layer: [
            Slot(f"{layer}_W", ("params", *path, "kernel")),
            Slot(f"{layer}_b", ("params", *path, "bias")),
        ]
    }


def _norm(layer: str, *path: str) -> Layout:
    """Return the layer of the batch norm at this path."""
    return {
        layer: [
            Slot(f"{layer}_gamma", ("params", *path, "scale")),
            Slot(f"{layer}_beta", ("params", *path, "bias")),
            Slot(f"{layer}_running_mean", ("batch_stats", *path, "mean")),
            Slot(f"{layer}_running_std", ("batch_stats", *path, "var")),
        ]
    }


def _vgg(table: tuple[stages.ConvStage, ...]) -> Layout:
    """Return the layers of a VGG."""
    layers: Layout = {"input_1": []}
    for number, stage in enumerate(table, 1):
        for k in range(1, stage.layers + 1):
            name = f"block{number}_conv{k}"
            layers |= _conv(name, "backbone", name)
        if stage.pool is not None:
            layers[f"block{number}_pool"] = []
    return layers


def _resnet(table: stages.ResNetTable) -> Layout:
    """Return the layers of a ResNet."""
    activation, merge = count(1), count(1)
    layers: Layout = {"input_1": [], "zeropadding2d_1": []}
    layers |= _conv("conv1", "backbone", "conv1") | _norm("bn_conv1", "backbone", "bn_conv1")
    layers |= {f"activation_{next(activation)}": [], "maxpooling2d_1": []}
    for number, stage in enumerate(table.stages, 2):
        for block in range(stage.blocks):
            tag = f"{number}{ascii_lowercase[block]}"
            for part in ("branch2a", "branch2b"):
                layers |= _residual(tag, part) | {f"activation_{next(activation)}": []}
            layers |= _last(tag, projected=block == 0)
            layers |= {f"merge_{next(merge)}": [], f"activation_{next(activation)}": []}
    return layers


def _residual(tag: str, part: str) -> Layout:
    """Return a convolution of a block with its norm; `tag` names the block, as in "2a"."""
    conv = _conv(f"res{tag}_{part}", "backbone", f"res{tag}", part)
    return conv | _norm(f"bn{tag}_{part}", "backbone", f"res{tag}", f"bn_{part}")


def _last(tag: str, projected: bool) -> Layout:
    """Return the last convolution of a block, and the shortcut's beside it if it is projected.

    Keras lists layers by their depth in the network, so both convolutions stand before both norms.
    """
    parts = ["branch2c", "branch1"] if projected else ["branch2c"]
    convolutions: Layout = {}
    norms: Layout = {}
    for part in parts:
        convolutions |= _conv(f"res{tag}_{part}", "backbone", f"res{tag}", part)
        norms |= _norm(f"bn{tag}_{part}", "backbone", f"res{tag}", f"bn_{part}")
    return convolutions | norms


def _lstm(unnamed: count) -> list[Slot]:
    """Return the 21 tensors of the attentive LSTM.

    The numbers in their names differ between the two networks.
    """
    lstm = ("params", LSTM)
    cell = ("params", LSTM, "cell")
    slots = []
    # The three convolutions of the attention; V_a has no bias.
    for path in ((*cell, "W_a"), (*lstm, "U_a"), (*cell, "V_a")):
        name = f"convolution2d_{next(unnamed)}"
        slots.append(Slot(f"{name}_W", (*path, "kernel")))
        if path[-1] != "V_a":
            slots.append(Slot(f"{name}_b", (*path, "bias")))
    # For each gate the convolution of the input, W, and that of the hidden state, U.
    convolutions = (
        ((*lstm, "W_kernel"), (*lstm, "W_bias")),
        ((*cell, "U", "kernel"), (*cell, "U", "bias")),
    )
    for gate in GATES.values():
        for kernel, bias in convolutions:
            name = f"convolution2d_{next(unnamed)}"
            slots += [Slot(f"{name}_W", kernel, gate), Slot(f"{name}_b", bias, gate)]
    return slots


def file_shape(shape: tuple[int, ...], slot: Slot) -> tuple[int, ...]:
    """Return the shape that a slot's tensor has in the file.

    Args:
        shape: The shape of the variable.
        slot: The tensor, which may fill a quarter of the variable.
    """
    *rest, last = shape
    last = last if slot.gate is None else last // 4
    if len(shape) == 4:
        rows, columns, inputs = rest
        return (last, inputs, rows, columns)
    return (rest[0] * last,) if len(shape) == 2 else (last,)


def to_variable(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return a tensor of the file as the variable of `shape`, or as a quarter of one."""
    if array.ndim == 4:
        return array[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)
    return array.reshape(shape) if len(shape) == 2 else array


def to_file(array: np.ndarray, slot: Slot) -> np.ndarray:
    """Return a variable as the slot's tensor of the file: the inverse of `to_variable`."""
    if slot.gate is not None:
        array = np.split(array, 4, axis=-1)[slot.gate]
    if array.ndim == 4:
        array = array.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1]
    return np.ascontiguousarray(array.reshape(-1) if array.ndim == 2 else array)

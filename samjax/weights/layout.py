"""The original's weight files as data: which tensor of which layer is which of SAM's variables.

Keras 1.1 saved them: a group per layer, its tensors in a fixed order. The layers stand in the
order in which Keras lists them, since Keras reads by position; those without weights are listed
too. Kernels are [out, in, rows, columns] and applied as true convolutions, so both spatial axes
are reversed here; "running_std" is the variance; a prior is one vector of 4 N scalars.
"""

from itertools import count
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np

from samjax.models import stages
from samjax.models.resnet import ResNet
from samjax.models.sam import BACKBONES

# The gates of W and U in the order of the files, and where our fused kernels keep them.
GATES = {"i": 0, "f": 1, "c": 3, "o": 2}
LSTM = "attentive_convlstm"


class Slot(NamedTuple):
    """A tensor: its name in the file and its path in SAM's variables.

    gate: the quarter of the variable's last axis that it fills; None, all of it.
    """

    name: str
    path: tuple[str, ...]
    gate: int | None = None


Layout = dict[str, list[Slot]]


def layout(model: dict) -> Layout:
    """The layers of a file for SAM with these fields, in Keras' order."""
    module, table = BACKBONES[model["backbone"]]
    inner = count(1)  # Keras numbers the convolutions that nobody named
    if module is ResNet:
        layers, merges = _resnet(table), sum(s.blocks for s in table.stages)
        if 4 * table.stages[-1].features != model["features"]:
            layers |= _conv(f"convolution2d_{next(inner)}", "conv_feat")
    else:
        layers, merges = _vgg(table), 0
    lstm = _lstm(inner)
    layers |= {"lambda_1": [], "input_2": [], "attentiveconvlstm_1": lstm}
    for k in (1, 2):
        prior, block = f"learningprior_{k}", f"prior_block{k}"
        layers[prior] = [Slot(f"{prior}_W", ("params", block, "priors", "gaussians"))]
        layers[f"merge_{merges + k}"] = []
        layers |= _conv(f"atrousconvolution2d_{k}", block)
    layers |= _conv(f"convolution2d_{next(inner)}", "readout")
    return {**layers, "lambda_2": []}


def _conv(layer: str, *path: str) -> Layout:
    return {
        layer: [
            Slot(f"{layer}_W", ("params", *path, "kernel")),
            Slot(f"{layer}_b", ("params", *path, "bias")),
        ]
    }


def _norm(layer: str, *path: str) -> Layout:
    return {
        layer: [
            Slot(f"{layer}_gamma", ("params", *path, "scale")),
            Slot(f"{layer}_beta", ("params", *path, "bias")),
            Slot(f"{layer}_running_mean", ("batch_stats", *path, "mean")),
            Slot(f"{layer}_running_std", ("batch_stats", *path, "var")),
        ]
    }


def _vgg(table: tuple[stages.ConvStage, ...]) -> Layout:
    layers: Layout = {"input_1": []}
    for s, stage in enumerate(table, 1):
        for k in range(1, stage.layers + 1):
            layers |= _conv(f"block{s}_conv{k}", "backbone", f"block{s}_conv{k}")
        if stage.pool is not None:
            layers[f"block{s}_pool"] = []
    return layers


def _resnet(table: stages.ResNetTable) -> Layout:
    activation, merge = count(1), count(1)
    layers: Layout = {"input_1": [], "zeropadding2d_1": []}
    layers |= _conv("conv1", "backbone", "conv1") | _norm("bn_conv1", "backbone", "bn_conv1")
    layers |= {f"activation_{next(activation)}": [], "maxpooling2d_1": []}
    for s, stage in enumerate(table.stages, 2):
        for block in range(stage.blocks):
            tag = f"{s}{ascii_lowercase[block]}"
            for part in ("branch2a", "branch2b"):
                layers |= _residual(tag, part) | {f"activation_{next(activation)}": []}
            layers |= _last(tag, projected=block == 0)
            layers |= {f"merge_{next(merge)}": [], f"activation_{next(activation)}": []}
    return layers


def _residual(tag: str, part: str) -> Layout:
    conv = _conv(f"res{tag}_{part}", "backbone", f"res{tag}", part)
    return conv | _norm(f"bn{tag}_{part}", "backbone", f"res{tag}", f"bn_{part}")


def _last(tag: str, projected: bool) -> Layout:
    """The last convolution of a block beside its shortcut: Keras lists by depth, so both
    convolutions stand before both norms."""
    parts = [_residual(tag, "branch2c")] + ([_residual(tag, "branch1")] if projected else [])
    pairs = [list(part.items()) for part in parts]
    return dict([conv for conv, _ in pairs] + [norm for _, norm in pairs])


def _lstm(inner: count) -> list[Slot]:
    """The 21 tensors; the numbers in their names differ between the two networks."""
    cell, w = ("params", LSTM, "cell"), ("params", LSTM)
    places = [(*cell, "W_a"), (*w, "U_a"), (*cell, "V_a")]
    slots = []
    for place in places:
        name = f"convolution2d_{next(inner)}"
        slots.append(Slot(f"{name}_W", (*place, "kernel")))
        if place[-1] != "V_a":
            slots.append(Slot(f"{name}_b", (*place, "bias")))
    for gate in GATES.values():
        for kernel, bias in (
            ((*w, "W_kernel"), (*w, "W_bias")),
            ((*cell, "U", "kernel"), (*cell, "U", "bias")),
        ):
            name = f"convolution2d_{next(inner)}"
            slots += [Slot(f"{name}_W", kernel, gate), Slot(f"{name}_b", bias, gate)]
    return slots


def file_shape(shape: tuple[int, ...], slot: Slot) -> tuple[int, ...]:
    """The shape in the file of a variable, or of a slot's quarter of one."""
    *rest, last = shape
    last = last if slot.gate is None else last // 4
    if len(shape) == 4:
        rows, columns, inputs = rest
        return (last, inputs, rows, columns)
    return (rest[0] * last,) if len(shape) == 2 else (last,)


def to_variable(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A tensor of the file as (a quarter of) a variable of `shape`."""
    if array.ndim == 4:
        return array[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)
    return array.reshape(shape) if len(shape) == 2 else array


def to_file(array: np.ndarray, slot: Slot) -> np.ndarray:
    """The inverse of `to_variable`, of a slot's quarter if it has one."""
    if slot.gate is not None:
        array = np.split(array, 4, axis=-1)[slot.gate]
    if array.ndim == 4:
        array = array.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1]
    return np.ascontiguousarray(array.reshape(-1) if array.ndim == 2 else array)

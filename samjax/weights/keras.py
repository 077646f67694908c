"""fchollet's ImageNet files for Keras: VGG-16 and ResNet-50, with or without top.

They come from Caffe: BGR minus the mean colour, a ResNet's stride on the 1x1. "th_kernels" are
[out, in, rows, columns] for true convolutions, "tf_kernels" [rows, columns, in, out] as ours.
"""

import re
from pathlib import Path

import numpy as np

from samjax.errors import UserError
from samjax.weights.hdf5 import Layers
from samjax.weights.pretrained import Pretrained, assemble_backbone
from samjax.weights.tensors import Tensor, read, read_variance

CAFFE = {
    "vgg16": {"backbone": "vgg16", "norm": "none", "normalization": "caffe"},
    "resnet50": {"backbone": "resnet50", "stride_on": "1x1", "normalization": "caffe"},
}
ORDERS = ("th_kernels", "tf_kernels")
# Our leaves: the tensor's place in its layer, and the last words of its name in Keras 1 and 2.
CONV = {"kernel": (0, ("W", "kernel")), "bias": (1, ("b", "bias"))}
NORM = {
    "scale": (0, ("gamma",)),
    "bias": (1, ("beta",)),
    "mean": (2, ("mean",)),
    "var": (3, ("std", "variance")),
}


def from_keras(layers: Layers, path: Path) -> Pretrained:
    """fchollet's VGG-16 or ResNet-50, with or without top, in either order of the kernels."""
    name, first = _keras_network(layers, path)
    order = _kernel_order(layers[first], path)

    def pick(variable: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
        layer = _keras_layer(variable)
        tensor = _keras_tensor(layers, layer, variable[-1], path)
        if len(shape) != 4:
            check = read_variance if variable[-1] == "var" else read
            return check(tensor, shape, layer)
        if order == "tf_kernels":
            return read(tensor, shape, layer)
        rows, columns, inputs, outputs = shape
        kernel = read(tensor, (outputs, inputs, rows, columns), layer)
        return np.ascontiguousarray(kernel[:, :, ::-1, ::-1].transpose(2, 3, 1, 0))

    return assemble_backbone(CAFFE[name], pick, path)


def _keras_network(layers: Layers, path: Path) -> tuple[str, str]:
    """(name of the network, its first layer), by the layers' names."""
    known = {"vgg16": ("block1_conv1", "block5_conv3"), "resnet50": ("conv1", "res5c_branch2c")}
    found = [name for name, marks in known.items() if all(m in layers for m in marks)]
    if "block5_conv4" in layers:
        raise UserError(f"{path}: layer block5_conv4 is VGG-19's, expected VGG-16 or ResNet-50")
    if len(found) != 1:
        raise UserError(
            f"{path}: expected layers {' and '.join(known['vgg16'])} (VGG-16) or "
            f"{' and '.join(known['resnet50'])} (ResNet-50), found {', '.join(list(layers)[:3])}..."
        )
    return found[0], known[found[0]][0]


def _kernel_order(first: list[Tensor], path: Path) -> str:
    """ "th_kernels" (true convolutions, [out, in, h, w]) or "tf_kernels" ([h, w, in, out]).

    The name and the first kernel must agree: a kernel's shape tells the order of its axes, but
    only the name tells whether it is reversed.
    """
    named = [order for order in ORDERS if order in path.name]
    shape = first[0].shape if first else ()
    seen = None
    if len(shape) == 4 and 3 in (shape[1], shape[2]) and shape[0] != shape[3]:
        seen = "th_kernels" if shape[0] == 64 else "tf_kernels"
    if len(named) != 1 or named[0] != seen:
        raise UserError(
            f"{path}: cannot tell whether the kernels are reversed: the file's name says "
            f"{named[0] if len(named) == 1 else 'nothing'}, the first kernel of shape {shape} "
            f"looks like {seen or 'neither'}; give the file its published name, with th_kernels "
            "or tf_kernels in it"
        )
    return seen


def _keras_layer(variable: tuple[str, ...]) -> str:
    """("params", "backbone", "res2a", "bn_branch2a", "scale") -> "bn2a_branch2a"."""
    *block, part = variable[2:-1]
    if not block:
        return part
    if part.startswith("bn_"):
        return f"bn{block[0][3:]}_{part[3:]}"
    return f"{block[0]}_{part}"


def _keras_tensor(layers: Layers, layer: str, leaf: str, path: Path) -> Tensor:
    tensors = layers.get(layer, [])
    leaves = NORM if layer.startswith("bn") else CONV
    if len(tensors) != len(leaves):
        raise UserError(f"{path}: layer {layer} has {len(tensors)} tensors, expected {len(leaves)}")
    position, words = leaves[leaf]
    name = tensors[position].name
    if re.split("[_/]", re.sub(r"(_\d+)?:0$", "", name))[-1] not in words:
        raise UserError(f"{path}: tensor {name} of layer {layer} stands in place of {words[0]}")
    return tensors[position]

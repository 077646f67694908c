"""The state dicts of torchvision's vgg16 and resnet50, trained on ImageNet.

Their input is RGB, standardised by the mean and deviation of each colour, and a block of the ResNet
strides in its 3x3 convolution ("version 1.5"). Where a batch norm follows a convolution,
torchvision leaves out the bias, and ours is zero.
"""

from pathlib import Path

import numpy as np

from samjax.errors import UserError
from samjax.models.stages import VGG16
from samjax.weights.pretrained import Pretrained, assemble_backbone
from samjax.weights.tensors import Tensor, read, read_variance

# The fields of SAM that these backbones demand.
TORCHVISION = {
    "vgg16": {"backbone": "vgg16", "norm": "none", "normalization": "torchvision"},
    "resnet50": {"backbone": "resnet50", "stride_on": "3x3", "normalization": "torchvision"},
}


def from_torchvision(tensors: dict[str, Tensor], path: Path) -> Pretrained:
    """Return the backbone that a state dict holds, vgg16 or resnet50.

    Args:
        tensors: The tensors of the state dict by name.
        path: The path of the file.

    Raises:
        UserError: It is another network, or a tensor is missing or does not fit.
    """
    name = _network(tensors, path)
    names = _vgg_names() if name == "vgg16" else None

    def pick(variable: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
        """Read one of our variables."""
        module = names[variable[2]] if names else _resnet_name(variable[2:-1])
        key = f"{module}.{_torch_leaf(variable)}"
        if name == "resnet50" and key.endswith(".bias") and not _is_norm(variable):
            if key in tensors:
                raise UserError(f"{path}: tensor {key} is not in torchvision's resnet50")
            return np.zeros(shape, np.float32)
        if key not in tensors:
            raise UserError(f"{path}: tensor {key} is missing")
        if len(shape) != 4:
            check = read_variance if variable[-1] == "var" else read
            return check(tensors[key], shape)
        rows, columns, inputs, outputs = shape
        kernel = read(tensors[key], (outputs, inputs, rows, columns))
        return np.ascontiguousarray(kernel.transpose(2, 3, 1, 0))

    return assemble_backbone(TORCHVISION[name], pick, path)


def _network(tensors: dict[str, Tensor], path: Path) -> str:
    """Return the name of the network, told by tensors that only these networks have and lack."""

    def has(present: tuple[str, ...], absent: tuple[str, ...]) -> bool:
        """Return whether all of the first modules have weights, and none of the second."""
        names = {name.removesuffix(".weight") for name in tensors}
        return names.issuperset(present) and names.isdisjoint(absent)

    # Larger ResNets have a seventh block in the third stage.
    if has(("layer4.2.conv3",), ("layer3.6.conv1",)):
        return "resnet50"
    # VGG-19 has further convolutions, and a VGG with batch norm has a norm behind the first one.
    if has(("features.28",), ("features.30", "features.1")):
        return "vgg16"
    raise UserError(
        f"{path}: expected torchvision's vgg16 (without batch norm) or resnet50, found tensors "
        f"{', '.join(sorted(tensors)[:3]) or 'none'}..."
    )


def _vgg_names() -> dict[str, str]:
    """Return {our convolution's name: "features.N"}, where N counts ReLUs and pools too."""
    names = {}
    position = 0
    for s, stage in enumerate(VGG16, 1):
        for k in range(1, stage.layers + 1):
            names[f"block{s}_conv{k}"] = f"features.{position}"
            position += 2  # the convolution and its ReLU
        position += 1  # the pool
    return names


def _resnet_name(module: tuple[str, ...]) -> str:
    """Return the module that is ours: ("res3a", "bn_branch2b") is "layer2.0.bn2"."""
    if len(module) == 1:
        return {"conv1": "conv1", "bn_conv1": "bn1"}[module[0]]
    block, part = module
    prefix = f"layer{int(block[3]) - 1}.{ord(block[4]) - ord('a')}"
    kind = "bn" if part.startswith("bn_") else "conv"
    branch = part.removeprefix("bn_").removeprefix("branch")
    if branch == "1":
        return f"{prefix}.downsample.{0 if kind == 'conv' else 1}"
    return f"{prefix}.{kind}{'abc'.index(branch[1]) + 1}"


def _is_norm(variable: tuple[str, ...]) -> bool:
    """Return whether a variable of a ResNet belongs to a batch norm."""
    return variable[-2].startswith("bn_")


def _torch_leaf(variable: tuple[str, ...]) -> str:
    """Return the last part of a tensor's name."""
    names = {"kernel": "weight", "scale": "weight", "mean": "running_mean", "var": "running_var"}
    return names.get(variable[-1], variable[-1])

"""torchvision's ImageNet state dicts: vgg16 and resnet50, from .pth or .safetensors.

They want RGB standardised, and a ResNet's stride on the 3x3 ("v1.5"). Convolutions before a norm
have no bias there and get one of zero.
"""

from pathlib import Path

import numpy as np

from samjax.errors import UserError
from samjax.models.stages import VGG16
from samjax.weights.pretrained import Pretrained, assemble_backbone
from samjax.weights.tensors import Tensor, read, read_variance

TORCHVISION = {
    "vgg16": {"backbone": "vgg16", "norm": "none", "normalization": "torchvision"},
    "resnet50": {"backbone": "resnet50", "stride_on": "3x3", "normalization": "torchvision"},
}


def from_torchvision(tensors: dict[str, Tensor], path: Path) -> Pretrained:
    """torchvision's vgg16 or resnet50, by the names of its state dict."""
    name = _network(tensors, path)
    names = _vgg_names() if name == "vgg16" else None

    def pick(variable: tuple[str, ...], shape: tuple[int, ...]) -> np.ndarray:
        module = names[variable[2]] if names else _resnet_name(variable[2:-1])
        key = f"{module}.{_torch_leaf(variable)}"
        if name == "resnet50" and key.endswith(".bias") and not _is_norm(variable):
            if key in tensors:
                raise UserError(f"{path}: tensor {key} is not in torchvision's resnet50")
            return np.zeros(shape, np.float32)
        if key not in tensors:
            raise UserError(f"{path}: tensor {key} is missing")
        if len(shape) != 4:
            return (read_variance if variable[-1] == "var" else read)(tensors[key], shape)
        rows, columns, inputs, outputs = shape
        kernel = read(tensors[key], (outputs, inputs, rows, columns))
        return np.ascontiguousarray(kernel.transpose(2, 3, 1, 0))

    return assemble_backbone(TORCHVISION[name], pick, path)


def _network(tensors: dict[str, Tensor], path: Path) -> str:
    """By tensors that only these networks have, and lack."""

    def has(present: tuple[str, ...], absent: tuple[str, ...]) -> bool:
        names = {name.removesuffix(".weight") for name in tensors}
        return names.issuperset(present) and names.isdisjoint(absent)

    if has(("layer4.2.conv3",), ("layer3.6.conv1",)):
        return "resnet50"
    if has(("features.28",), ("features.30", "features.1")):
        return "vgg16"
    raise UserError(
        f"{path}: expected torchvision's vgg16 (without batch norm) or resnet50, found tensors "
        f"{', '.join(sorted(tensors)[:3]) or 'none'}..."
    )


def _vgg_names() -> dict[str, str]:
    """Our convolutions' names -> "features.N", N counting ReLUs and pools too."""
    names, position = {}, 0
    for s, stage in enumerate(VGG16, 1):
        for k in range(1, stage.layers + 1):
            names[f"block{s}_conv{k}"] = f"features.{position}"
            position += 2
        position += 1
    return names


def _resnet_name(module: tuple[str, ...]) -> str:
    """("res3a", "bn_branch2b") -> "layer2.0.bn2"."""
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
    return variable[-2].startswith("bn_")


def _torch_leaf(variable: tuple[str, ...]) -> str:
    names = {"kernel": "weight", "scale": "weight", "mean": "running_mean", "var": "running_var"}
    return names.get(variable[-1], variable[-1])

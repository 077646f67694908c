"""The backbones of SAM in PyTorch: the other side of the comparison.

Arrays are [B, C, H, W]. The tables of `samjax.models.stages` say what a backbone consists of;
everything else is written after the release, and layers are named as samjax names them.
"""

from math import ceil
from string import ascii_lowercase
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from samjax.models.stages import ConvStage, Pool, ResNetTable

EXPANSION = 4
"""How many times more channels a bottleneck puts out than its 3x3 convolution has."""


def conv(inputs: int, outputs: int, size: int = 3, dilation: int = 1, **options: Any) -> nn.Conv2d:
    """Return a "same" convolution with bias, unless `options` of `nn.Conv2d` say otherwise."""
    options = {"padding": dilation * (size // 2), "dilation": dilation} | options
    return nn.Conv2d(inputs, outputs, size, **options)


def norm(features: int) -> nn.BatchNorm2d:
    """Return a batch norm as Keras has it, where a momentum of .99 is called .01 in PyTorch."""
    return nn.BatchNorm2d(features, eps=1e-5, momentum=0.01)


def max_pool(x: Tensor, pool: Pool) -> Tensor:
    """Pool over 2x2 cells.

    The "same" pool of Keras 1 under Theano pads a cell on both sides and crops the far end.
    """
    if not pool.shifted:
        return F.max_pool2d(x, 2, pool.stride)
    height, width = (ceil(n / pool.stride) for n in x.shape[2:])
    return F.max_pool2d(x, 2, pool.stride, padding=1)[:, :, :height, :width]


def pad_same(x: Tensor, size: int, stride: int) -> Tensor:
    """Pad by as little as covers the input, the odd row and column behind it."""
    padding = []
    for length in (x.shape[3], x.shape[2]):  # PyTorch's order begins with the last axis
        total = max((ceil(length / stride) - 1) * stride + size - length, 0)
        padding += [total // 2, total - total // 2]
    return F.pad(x, padding)


class VGG(nn.Module):
    """A VGG without its classifier, dilated as the table says: [B, 3, H, W] -> [B, C, h, w]."""

    def __init__(self, stages: tuple[ConvStage, ...], has_norm: bool) -> None:
        """Build the layers of these stages, with batch norm in place of biases or without."""
        super().__init__()
        self.stages, self.has_norm, channels = stages, has_norm, 3
        for s, stage in enumerate(stages, 1):
            for k in range(1, stage.layers + 1):
                options: dict[str, Any] = {"dilation": stage.dilation, "bias": not has_norm}
                if k == 1 and stage.stride > 1:
                    options |= {"stride": stage.stride, "padding": 0}  # padded by `pad_same`
                layer = conv(channels, stage.features, **options)
                self.add_module(f"block{s}_conv{k}", layer)
                if has_norm:
                    self.add_module(f"block{s}_norm{k}", norm(stage.features))
                channels = stage.features

    def forward(self, x: Tensor) -> Tensor:
        """Return the features."""
        for s, stage in enumerate(self.stages, 1):
            for k in range(1, stage.layers + 1):
                if k == 1 and stage.stride > 1:
                    x = pad_same(x, 3, stage.stride)
                x = self.get_submodule(f"block{s}_conv{k}")(x)
                if self.has_norm:
                    x = self.get_submodule(f"block{s}_norm{k}")(x)
                x = torch.relu(x)
            if stage.pool is not None:
                x = max_pool(x, stage.pool)
        return x


class Bottleneck(nn.Module):
    """A residual block of ResNet-50; a projected one changes the channels of its shortcut too."""

    def __init__(
        self, inputs: int, features: int, stride: int, dilation: int, projected: bool
    ) -> None:
        """Build the block; its stride sits on the first 1x1 convolution, as in the release."""
        super().__init__()
        outputs = EXPANSION * features
        self.branch2a = conv(inputs, features, 1, stride=stride)
        self.bn_branch2a = norm(features)
        self.branch2b = conv(features, features, 3, dilation)
        self.bn_branch2b = norm(features)
        self.branch2c = conv(features, outputs, 1)
        self.bn_branch2c = norm(outputs)
        self.projected = projected
        if projected:
            self.branch1 = conv(inputs, outputs, 1, stride=stride)
            self.bn_branch1 = norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of the shortcut and the branch."""
        y = torch.relu(self.bn_branch2a(self.branch2a(x)))
        y = torch.relu(self.bn_branch2b(self.branch2b(y)))
        y = self.bn_branch2c(self.branch2c(y))
        if self.projected:
            x = self.bn_branch1(self.branch1(x))
        return torch.relu(x + y)


class ResNet(nn.Module):
    """ResNet-50 without its classifier, dilated as the table says: [B, 3, H, W] -> [B, C, h, w]."""

    def __init__(self, table: ResNetTable) -> None:
        """Build the layers of this table."""
        super().__init__()
        self.conv1 = conv(3, table.stem, 7, stride=2)
        self.bn_conv1 = norm(table.stem)
        self.block_names: list[str] = []
        channels = table.stem
        for s, stage in enumerate(table.stages, 2):
            for b in range(stage.blocks):
                stride = stage.stride if b == 0 else 1
                block = Bottleneck(channels, stage.features, stride, stage.dilation, b == 0)
                name = f"res{s}{ascii_lowercase[b]}"
                self.block_names.append(name)
                self.add_module(name, block)
                channels = EXPANSION * stage.features

    def forward(self, x: Tensor) -> Tensor:
        """Return the features."""
        x = torch.relu(self.bn_conv1(self.conv1(x)))
        x = F.max_pool2d(x, 3, 2, padding=1)
        for name in self.block_names:
            x = self.get_submodule(name)(x)
        return x


def make_backbone(
    table: tuple[ConvStage, ...] | ResNetTable, norm: str = "none"
) -> tuple[nn.Module, int]:
    """Return the module of a table, and the number of its output channels.

    Args:
        table: The architecture.
        norm: Of a VGG, "none" or "batch"; a ResNet always has batch norm.
    """
    if isinstance(table, ResNetTable):
        return ResNet(table), EXPANSION * table.stages[-1].features
    return VGG(table, norm == "batch"), table[-1].features

"""Dilated ResNet of bottlenecks, stride 8 (Cornia et al. 2018, section III-B).

    x       [B, H, W, 3]          normalised image
    output  [B, h, w, 4 * F]      h and w: H and W halved three times, rounding up

In the last two stages every 3x3 convolution is dilated, that of the first block included.
Convolutions have biases, as in the release.
"""

from collections.abc import Callable
from functools import partial
from string import ascii_lowercase
from typing import Any

import flax.linen as nn
import jax

from samjax.models.convolution import Conv
from samjax.models.pooling import max_pool
from samjax.models.stages import ResidualStage, ResNetTable


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 with a shortcut: [B, H, W, C] -> [B, H / stride, W / stride, 4 * features].

    projected: the shortcut is a 1x1 convolution (the first block of a stage).
    stride_on: "1x1", the first convolution carries the stride (He et al. 2015, and the release),
      or "3x3", the second one does (torchvision's "v1.5").
    """

    features: int
    stride: int
    dilation: int
    projected: bool
    stride_on: str
    conv: Callable[..., nn.Module]
    norm: Callable[..., nn.Module]

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        first, second = (self.stride, 1) if self.stride_on == "1x1" else (1, self.stride)
        y = self.conv(self.features, 1, stride=first, name="branch2a")(x)
        y = nn.relu(self.norm(name="bn_branch2a")(y))
        y = self.conv(
            self.features,
            3,
            stride=second,
            dilation=self.dilation,
            centred=True,
            name="branch2b",
        )(y)
        y = nn.relu(self.norm(name="bn_branch2b")(y))
        y = self.conv(4 * self.features, 1, name="branch2c")(y)
        y = self.norm(name="bn_branch2c")(y)
        if self.projected:
            x = self.conv(4 * self.features, 1, stride=self.stride, name="branch1")(x)
            x = self.norm(name="bn_branch1")(x)
        return nn.relu(x + y)


class ResNet(nn.Module):
    """The stem and the stages of `table`. norm: a constructor of a normalising layer."""

    table: ResNetTable
    norm: Callable[..., nn.Module]
    stride_on: str = "1x1"
    dtype: Any = None

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        conv = partial(Conv, kernel_init=nn.initializers.he_normal(), dtype=self.dtype)
        x = conv(self.table.stem, 7, stride=2, centred=True, name="conv1")(x)
        x = nn.relu(self.norm(name="bn_conv1")(x))
        x = max_pool(x, 3, 2, ((1, 1), (1, 1)))
        for s, stage in enumerate(self.table.stages, 2):
            x = self._stage(x, s, stage, conv)
        return x

    def _stage(self, x, number: int, stage: ResidualStage, conv) -> jax.Array:
        for block in range(stage.blocks):
            x = Bottleneck(
                stage.features,
                stride=stage.stride if block == 0 else 1,
                dilation=stage.dilation,
                projected=block == 0,
                stride_on=self.stride_on,
                conv=conv,
                norm=self.norm,
                name=f"res{number}{ascii_lowercase[block]}",
            )(x)
        return x

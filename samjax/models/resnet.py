"""Dilated ResNet of bottlenecks, stride 8 (Cornia et al. 2018, section III-B).

    x       [B, H, W, 3]          normalised image
    output  [B, h, w, 4 F]        h and w: H and W halved three times, rounding up

A bottleneck is y = relu(shortcut(x) + N(c * relu(N(b * relu(N(a * x)))))) with a and c 1x1 and b
3x3 convolutions and N the normalisation (He et al. 2015, "Deep Residual Learning for Image
Recognition"). In the last two stages every 3x3 convolution is dilated, that of the first block
included. Convolutions have biases, as in the release.
"""

from collections.abc import Callable
from functools import partial
from string import ascii_lowercase
from typing import Any

import flax.linen as nn
from jaxtyping import Array, Float

from samjax.errors import check_name
from samjax.models.backend import XLA
from samjax.models.convolution import Conv
from samjax.models.pooling import max_pool
from samjax.models.stages import ResidualStage, ResNetTable

# Which convolution of a bottleneck carries the stride, see `Bottleneck`.
STRIDES_ON = ("1x1", "3x3")


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions with a shortcut.

    Attributes:
        features: Channels F between the convolutions; 4 F come out.
        stride: Rows and columns from one output to the next.
        dilation: Of the 3x3 convolution.
        projected: The shortcut is a 1x1 convolution (the first block of a stage).
        stride_on: "1x1": the first convolution carries the stride (He et al. 2015, and the
            release). "3x3": the second one does (torchvision's "v1.5").
        conv: A constructor of convolutions.
        norm: A constructor of normalising layers.
    """

    features: int
    stride: int
    dilation: int
    projected: bool
    stride_on: str
    conv: Callable[..., nn.Module]
    norm: Callable[..., nn.Module]

    @nn.compact
    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B h w D"]:
        """Return the block's output, D = 4 F channels."""
        check_name("stride_on", self.stride_on, STRIDES_ON)
        # Weights of one kind load into the other and predict worse, so weight files hold the field.
        stride_1x1, stride_3x3 = self.stride, 1
        if self.stride_on == "3x3":
            stride_1x1, stride_3x3 = 1, self.stride
        y = self.conv(self.features, 1, stride=stride_1x1, name="branch2a")(x)
        y = nn.relu(self.norm(name="bn_branch2a")(y))
        y = self.conv(
            self.features,
            3,
            stride=stride_3x3,
            dilation=self.dilation,
            centred=True,
            name="branch2b",
        )(y)
        y = nn.relu(self.norm(name="bn_branch2b")(y))
        y = self.conv(4 * self.features, 1, name="branch2c")(y)
        y = self.norm(name="bn_branch2c")(y)
        # Only there do the shapes of x and y differ.
        if self.projected:
            x = self.conv(4 * self.features, 1, stride=self.stride, name="branch1")(x)
            x = self.norm(name="bn_branch1")(x)
        return nn.relu(x + y)


class ResNet(nn.Module):
    """A stem and stages of bottlenecks.

    Attributes:
        table: The architecture, from `samjax.models.stages`.
        norm: A constructor of a normalising layer taking a name.
        stride_on: See `Bottleneck`.
        dtype: Of activations and products; None is float32.
        backend: See `samjax.models.backend`.
    """

    table: ResNetTable
    norm: Callable[..., nn.Module]
    stride_on: str = "1x1"
    dtype: Any = None
    backend: str = XLA

    @nn.compact
    def __call__(self, x: Float[Array, "B H W 3"]) -> Float[Array, "B h w D"]:
        """Return the features of normalised images, D = 4 F channels."""
        conv = partial(
            Conv,
            kernel_init=nn.initializers.he_normal(),
            dtype=self.dtype,
            backend=self.backend,
        )
        # Padded evenly on all sides, as Caffe and torchvision do; "SAME" would shift it by a pixel.
        x = conv(self.table.stem, 7, stride=2, centred=True, name="conv1")(x)
        x = nn.relu(self.norm(name="bn_conv1")(x))
        x = max_pool(x, 3, 2, ((1, 1), (1, 1)), self.backend)
        # The release counts the stem as the first stage.
        for number, stage in enumerate(self.table.stages, 2):
            x = self._stage(x, number, stage, conv)
        return x

    def _stage(
        self, x: Array, number: int, stage: ResidualStage, conv: Callable[..., nn.Module]
    ) -> Array:
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

"""A network of UNISAL's size and kind in PyTorch, with random weights: the small yardstick.

UNISAL (Droste, Jiao and Noble, ECCV 2020) is the network that most tools for practitioners stand
on: MobileNetV2 with learned Gaussians behind it, a decoder of inverted residuals with two skip
connections, and a smoothing of the map by a kernel of 41x41. Built here as its description says,
for a still image: the recurrence that it has for videos, which brings its parameters from 3.2 to
3.7 million, is bypassed by images there. Batch norms of several domains are one. Strides are inside
of the convolutions wherever no skip connection needs the unstrided map, which is faster than the
published code and never slower. Arrays are [B, C, H, W].
"""

from itertools import product
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from experiments.bench.torch_maps import Normalization

# Of MobileNetV2: expansion, channels, blocks and the stride of the first (Sandler et al. 2018).
ROWS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
SKIPPED = (64, 160)
"""The stages whose first block's map, before its stride, goes to the decoder as well."""
STEM, LAST, DECODED = 32, 1280, 256
CHANNELS_2X, CHANNELS_4X = 128, 64
GAUSSIANS, GAUSSIAN_SCALE = 16, 6.0
SMOOTHING = 41


class Output(NamedTuple):
    """What the network gives.

    Attributes:
        saliency: [B, H, W], a log-density.
    """

    saliency: Tensor


def conv_norm(inputs: int, outputs: int, size: int = 1, stride: int = 1, groups: int = 1) -> list:
    """Return the layers of a convolution without a bias and its batch norm."""
    padding = size // 2
    layer = nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups, bias=False)
    return [layer, nn.BatchNorm2d(outputs)]


class InvertedResidual(nn.Module):
    """Expand, convolve every channel by itself, project; added to the input where that fits."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        """Build the layers."""
        super().__init__()
        hidden = inputs * expansion
        layers = [*conv_norm(inputs, hidden), nn.ReLU6()] if expansion > 1 else []
        layers += [*conv_norm(hidden, hidden, 3, stride, hidden), nn.ReLU6()]
        self.layers = nn.Sequential(*layers, *conv_norm(hidden, outputs))
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        y = self.layers(x)
        return x + y if self.is_residual else y


class Encoder(nn.Module):
    """MobileNetV2 without its classifier."""

    def __init__(self) -> None:
        """Build the stages."""
        super().__init__()
        self.stem = nn.Sequential(*conv_norm(3, STEM, 3, 2), nn.ReLU6())
        self.stages = nn.ModuleList()
        channels = STEM
        for expansion, features, blocks, stride in ROWS:
            stage = nn.ModuleList()
            for block in range(blocks):
                own = stride if block == 0 and features not in SKIPPED else 1
                stage.append(InvertedResidual(channels, features, own, expansion))
                channels = features
            self.stages.append(stage)
        self.last = nn.Sequential(*conv_norm(channels, LAST), nn.ReLU6())

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the features of stride 32, and the skipped maps of strides 8 and 16."""
        x, skipped = self.stem(x), []
        for (_, features, _, stride), stage in zip(ROWS, self.stages, strict=True):
            for number, block in enumerate(stage):
                x = block(x)
                if number == 0 and features in SKIPPED:
                    skipped.append(x)
                    x = x[:, :, ::stride, ::stride]
        return self.last(x), skipped


def skip(inputs: int, outputs: int) -> nn.Sequential:
    """Return the layers of a skip connection."""
    return nn.Sequential(
        *conv_norm(inputs, 2 * inputs),
        nn.ReLU6(),
        nn.Conv2d(2 * inputs, outputs, 1),
        nn.BatchNorm2d(outputs),
    )


class UnisalSize(nn.Module):
    """The network for still images, in the size that UNISAL has."""

    compared: ClassVar = ("saliency",)
    """The fields of its output that are compared."""

    def __init__(self, seed: int = 0) -> None:
        """Build the layers with random values."""
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._build()

    def _build(self) -> None:
        self.normalize = Normalization("torchvision")
        self.encoder = Encoder()
        self.gaussians = nn.Parameter(_gaussians())
        self.post_encoder = InvertedResidual(LAST + GAUSSIANS, DECODED, 1, 1)
        self.skip_2x = skip(SKIPPED[1], CHANNELS_2X)
        self.decode_2x = InvertedResidual(DECODED + CHANNELS_2X, CHANNELS_2X, 1, 2)
        self.skip_4x = skip(SKIPPED[0], CHANNELS_4X)
        self.decode_4x = InvertedResidual(CHANNELS_2X + CHANNELS_4X, CHANNELS_4X, 1, 2)
        self.adaptation = nn.Conv2d(CHANNELS_4X, 1, 1)
        self.smoothing = nn.Conv2d(1, 1, SMOOTHING, bias=False)

    def forward(self, images: Tensor) -> Output:
        """Return the output for images [B, 3, H, W], RGB in 0..255 of any type."""
        x, (of_8, of_16) = self.encoder(self.normalize(images))
        priors = self.priors(x.shape[2], x.shape[3]).expand(len(x), -1, -1, -1)
        x = self.post_encoder(torch.cat([x, priors.to(x.dtype)], 1))
        x = self.decode_2x(torch.cat([_double(x), self.skip_2x(of_16)], 1))
        x = self.decode_4x(torch.cat([_double(x), self.skip_4x(of_8)], 1))
        maps = F.interpolate(self.adaptation(x), size=images.shape[2:], mode="nearest")
        maps = self.smoothing(F.pad(maps, (SMOOTHING // 2,) * 4, "replicate"))[:, 0].float()
        return Output(torch.log_softmax(maps.flatten(1), 1).view(maps.shape))

    def priors(self, height: int, width: int) -> Tensor:
        """Return the Gaussians [1, N, h, w] on a grid."""
        device = self.gaussians.device
        y = torch.linspace(0, 1, height, device=device).view(1, height, 1)
        x = torch.linspace(0, 1, width, device=device).view(1, 1, width)
        mu_y, mu_x, log_y, log_x = self.gaussians.view(4, GAUSSIANS, 1, 1)
        exponent = ((y - mu_y) / log_y.exp()) ** 2 + ((x - mu_x) / log_x.exp()) ** 2
        return GAUSSIAN_SCALE * torch.exp(-exponent / 2)[None]


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def _gaussians() -> Tensor:
    """Return means and logarithms of deviations [4, N], spread over the image."""
    thirds = (0.25, 0.5, 0.75)
    rows = [(y, x, -1.5, -1.5) for y, x in product(thirds, thirds)]
    rows += [(0.5, x, 0.0, -1.5) for x in thirds]
    rows += [(y, 0.5, -1.5, 0.0) for y in thirds]
    return torch.tensor([*rows, (0.5, 0.5, 0.0, 0.0)]).T.contiguous()

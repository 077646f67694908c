"""From images to a network's input, and from its scores to a map, in PyTorch.

Written after the definitions in `samjax.models` (normalization, upsampling, readout), by PyTorch's
own operations. Arrays are [B, C, H, W].
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Whether the channels are reversed to BGR, their means and their scales in that order.
NORMALIZATIONS = {
    "caffe": (True, (103.939, 116.779, 123.68), (1.0, 1.0, 1.0)),
    "torchvision": (False, (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
}


class Normalization(nn.Module):
    """RGB in 0..255 of any type as a backbone wants it."""

    def __init__(self, kind: str) -> None:
        """Keep the constants of a kind, a key of NORMALIZATIONS."""
        super().__init__()
        self.reverses, mean, scale = NORMALIZATIONS[kind]
        self.scales = scale != (1.0, 1.0, 1.0)
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(scale).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return images [B, 3, H, W] normalised, float32."""
        images = images.flip(1) if self.reverses else images
        centred = images.float() - self.mean
        return centred / self.scale if self.scales else centred


class ReadOut(nn.Module):
    """The map of the scores: ReLU and upsampling, or upsampling and a softmax over the map."""

    def __init__(self, kind: str, ratio: int, alignment: str) -> None:
        """Keep the way.

        Args:
            kind: "relu" or "density".
            ratio: Rows and columns of the map per cell of the scores.
            alignment: "paper" or "half_pixel".
        """
        super().__init__()
        self.kind, self.ratio, self.alignment = kind, ratio, alignment
        self.register_buffer("triangle", triangle(ratio), persistent=False)

    def forward(self, scores: Tensor) -> Tensor:
        """Return maps [B, r h, r w] of scores [B, 1, h, w], in float32."""
        scores = scores.float()
        if self.kind == "relu":
            return self.upsample(torch.relu(scores))[:, 0]
        maps = self.upsample(scores)[:, 0]
        return torch.softmax(maps.flatten(1), 1).view(maps.shape)

    def upsample(self, x: Tensor) -> Tensor:
        """Upsample maps [B, 1, h, w] bilinearly.

        The paper's alignment is Theano's: a transposed convolution of the edge-padded maps, cropped
        to [B, 1, r h, r w].
        """
        if self.alignment == "half_pixel":
            return F.interpolate(x, scale_factor=self.ratio, mode="bilinear", align_corners=False)
        height, width = (self.ratio * n for n in x.shape[2:])
        spread = F.conv_transpose2d(
            F.pad(x, (1, 1, 1, 1), "replicate"), self.triangle, None, self.ratio
        )
        start = self.ratio + self.ratio // 2
        return spread[:, :, start : start + height, start : start + width]


def triangle(ratio: int) -> Tensor:
    """Return the kernel [1, 1, 2 r - 1, 2 r - 1] of a bilinear upsampling by r."""
    line = 1 - np.abs(np.arange(1 - ratio, ratio)) / ratio
    return torch.tensor(np.outer(line, line), dtype=torch.float32)[None, None]

"""SAM as released, in plain PyTorch: what samjax is measured against.

Written after the release's code, operation by operation: the attentive ConvLSTM convolves its
features anew at every timestep, with eleven convolutions, and starts from a state of zeros. Arrays
are [B, C, H, W]. The equations are those of Cornia et al. (2018), section III.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from experiments.bench.torch_backbones import conv, make_backbone
from samjax.models.backbones import BACKBONES

MEAN_BGR = (103.939, 116.779, 123.68)
GATES = ("i", "f", "o", "c")
# The ranges of mu_x, mu_y, sigma_x and sigma_y, in widths of the image.
LOWER, UPPER = (0.25, 0.35, 0.1, 0.2), (0.75, 0.65, 0.9, 0.8)


class Output(NamedTuple):
    """What the network gives.

    Attributes:
        saliency: [B, r h, r w], where r is the upsampling.
        hidden: [B, F, h, w], the state after the last timestep.
        attention: [B, T, h, w] of each timestep.
    """

    saliency: Tensor
    hidden: Tensor
    attention: Tensor


class AttentiveConvLSTM(nn.Module):
    """The recurrence, whose input at each timestep is its features weighted by an attention."""

    def __init__(self, features: int, timesteps: int) -> None:
        """Build the eleven convolutions."""
        super().__init__()
        self.timesteps = timesteps
        self.W_a, self.U_a = conv(features, features), conv(features, features)
        self.V_a = conv(features, 1, bias=False)
        for gate in GATES:
            self.add_module(f"W_{gate}", conv(features, features))
            self.add_module(f"U_{gate}", conv(features, features))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the last hidden state [B, F, h, w] and each timestep's attention [B, T, h, w]."""
        h = c = torch.zeros_like(x)
        attention = []
        for _ in range(self.timesteps):
            energy = self.V_a(torch.tanh(self.W_a(h) + self.U_a(x)))
            a = torch.softmax(energy.flatten(1).float(), 1).view(energy.shape)
            attended = a * x
            i = torch.sigmoid(self.W_i(attended) + self.U_i(h))
            f = torch.sigmoid(self.W_f(attended) + self.U_f(h))
            o = torch.sigmoid(self.W_o(attended) + self.U_o(h))
            c = f * c + i * torch.tanh(self.W_c(attended) + self.U_c(h))
            h = o * torch.tanh(c)
            attention.append(a)
        return h, torch.cat(attention, 1)


class PriorBlock(nn.Module):
    """Learned Gaussians beside the features, mixed by a dilated 5x5 convolution with ReLU."""

    def __init__(self, features: int, gaussians: int) -> None:
        """Build the block with this many Gaussians."""
        super().__init__()
        self.gaussians = nn.Parameter(torch.full((4, gaussians), 0.5))
        self.conv = conv(features + gaussians, features, 5, dilation=4)

    def forward(self, x: Tensor) -> Tensor:
        """Return features [B, F, h, w] of features of the same shape."""
        priors = self.maps(x.shape[2], x.shape[3], x.device)
        priors = priors.expand(len(x), *priors.shape).to(x.dtype)
        return torch.relu(self.conv(torch.cat([x, priors], 1)))

    def maps(self, height: int, width: int, device: torch.device) -> Tensor:
        """Return the Gaussians [N, h, w], each divided by its maximum."""
        limits = (torch.tensor(v, device=device)[:, None] for v in (LOWER, UPPER))
        mu_x, mu_y, sigma_x, sigma_y = self.gaussians.clamp(*limits)[:, :, None, None]
        # A unit is the image's width in both directions.
        start = (1 - height / width) / 2
        x = torch.linspace(0, 1, width, device=device)[None, None, :]
        y = torch.linspace(start, 1 - start, height, device=device)[None, :, None]
        exponent = (x - mu_x) ** 2 / (2 * sigma_x**2 + 1e-7)
        maps = torch.exp(-(exponent + (y - mu_y) ** 2 / (2 * sigma_y**2 + 1e-7)))
        return maps / maps.amax((1, 2), keepdim=True)


class TorchSAM(nn.Module):
    """The release's SAM."""

    def __init__(
        self, backbone: str, features: int, timesteps: int, gaussians: int, upsampling: int
    ) -> None:
        """Build the network; the arguments are the fields of `samjax.models.SAM`."""
        super().__init__()
        table: Any = BACKBONES[backbone][1]
        self.backbone, channels = make_backbone(table)
        self.conv_feat = conv(channels, features) if channels != features else None
        self.attentive_convlstm = AttentiveConvLSTM(features, timesteps)
        self.prior_block1 = PriorBlock(features, gaussians)
        self.prior_block2 = PriorBlock(features, gaussians)
        self.readout = conv(features, 1, 1)
        self.ratio = upsampling
        self.register_buffer("triangle", triangle(upsampling), persistent=False)
        self.register_buffer("mean", torch.tensor(MEAN_BGR).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Output:
        """Return the output for images [B, 3, H, W], RGB in 0..255 of any type."""
        x = self.backbone(images.flip(1).float() - self.mean)
        if self.conv_feat is not None:
            x = torch.relu(self.conv_feat(x))
        hidden, attention = self.attentive_convlstm(x)
        x = self.prior_block2(self.prior_block1(hidden))
        scores = torch.relu(self.readout(x))
        return Output(self.upsample(scores.float())[:, 0], hidden, attention)

    def upsample(self, x: Tensor) -> Tensor:
        """Upsample maps [B, 1, h, w] as Theano does it bilinearly.

        This is a transposed convolution of the edge-padded maps, cropped to [B, 1, r h, r w].
        """
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

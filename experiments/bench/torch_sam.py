"""SAM in plain PyTorch, as released or with the fields of a trained one: what we are measured by.

Written after the release's code, operation by operation: the attentive ConvLSTM convolves its
features anew at every timestep, with eleven convolutions, and starts from a state of zeros. Arrays
are [B, C, H, W]. The equations are those of Cornia et al. (2018), section III.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from experiments.bench.torch_backbones import conv, make_backbone
from experiments.bench.torch_maps import Normalization, ReadOut
from samjax.models.backbones import BACKBONES

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

    def __init__(self, features: int, timesteps: int, attention_scale: str) -> None:
        """Build the eleven convolutions; the arguments are fields of `samjax.models.SAM`."""
        super().__init__()
        self.timesteps, self.attention_scale = timesteps, attention_scale
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
            if self.attention_scale == "mean":
                attended = a * (x.shape[2] * x.shape[3]) * x
            else:
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

    def __init__(self, features: int, gaussians: int, parameterization: str) -> None:
        """Build the block with this many Gaussians, "clip" or "sigmoid"."""
        super().__init__()
        self.parameterization = parameterization
        values = nn.Parameter(torch.full((4, gaussians), 0.5))
        self.register_parameter("gaussians" if parameterization == "clip" else "logits", values)
        self.conv = conv(features + gaussians, features, 5, dilation=4)

    def forward(self, x: Tensor) -> Tensor:
        """Return features [B, F, h, w] of features of the same shape."""
        priors = self.maps(x.shape[2], x.shape[3], x.device)
        priors = priors.expand(len(x), *priors.shape).to(x.dtype)
        return torch.relu(self.conv(torch.cat([x, priors], 1)))

    def maps(self, height: int, width: int, device: torch.device) -> Tensor:
        """Return the Gaussians [N, h, w], each divided by its maximum."""
        lower, upper = (torch.tensor(v, device=device)[:, None] for v in (LOWER, UPPER))
        if self.parameterization == "clip":
            gaussians = self.gaussians.clamp(lower, upper)
        else:
            gaussians = torch.sigmoid(self.logits) * (upper - lower) + lower
        mu_x, mu_y, sigma_x, sigma_y = gaussians[:, :, None, None]
        # A unit is the image's width in both directions.
        start = (1 - height / width) / 2
        x = torch.linspace(0, 1, width, device=device)[None, None, :]
        y = torch.linspace(start, 1 - start, height, device=device)[None, :, None]
        exponent = (x - mu_x) ** 2 / (2 * sigma_x**2 + 1e-7)
        maps = torch.exp(-(exponent + (y - mu_y) ** 2 / (2 * sigma_y**2 + 1e-7)))
        return maps / maps.amax((1, 2), keepdim=True)


class TorchSAM(nn.Module):
    """SAM with the fields of a `samjax.models.SAM`, whose backbone has stride 8."""

    compared: ClassVar = ("saliency", "attention")
    """The fields of its output that are compared."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Build the network.

        Args:
            fields: All fields of `samjax.models.presets.PAPER`, the backbone and its norm.
        """
        super().__init__()
        table: Any = BACKBONES[fields["backbone"]][1]
        features, gaussians = fields["features"], fields["gaussians"]
        self.normalize = Normalization(fields["normalization"])
        self.backbone, channels = make_backbone(table, fields["norm"])
        self.conv_feat = conv(channels, features) if channels != features else None
        self.attentive_convlstm = AttentiveConvLSTM(
            features, fields["timesteps"], fields["attention_scale"]
        )
        self.prior_block1 = PriorBlock(features, gaussians, fields["priors"])
        self.prior_block2 = PriorBlock(features, gaussians, fields["priors"])
        self.readout = conv(features, 1, 1)
        self.maps = ReadOut(fields["readout"], fields["upsampling"], fields["alignment"])

    def forward(self, images: Tensor) -> Output:
        """Return the output for images [B, 3, H, W], RGB in 0..255 of any type."""
        x = self.backbone(self.normalize(images))
        if self.conv_feat is not None:
            x = torch.relu(self.conv_feat(x))
        hidden, attention = self.attentive_convlstm(x)
        x = self.prior_block2(self.prior_block1(hidden))
        return Output(self.maps(self.readout(x)), hidden, attention)

"""The backbones by name, with the normalisation of their activations.

The parts of the parameter tree are named alike for all of them.
"""

from functools import partial
from typing import Any

import flax.linen as nn
from jaxtyping import Array, Float

from samjax.errors import check_name
from samjax.models import stages
from samjax.models.backend import XLA
from samjax.models.resnet import ResNet
from samjax.models.vgg import VGG

Features = Float[Array, "B h w C"]
"""What a backbone makes of images."""

# Name: (module, its table).
BACKBONES: dict[str, tuple[type[nn.Module], stages.Table]] = {
    "vgg16": (VGG, stages.VGG16),
    "vgg_small": (VGG, stages.VGG_SMALL),
    "vgg_box": (VGG, stages.VGG_BOX),
    "vgg_tiny": (VGG, stages.VGG_TINY),
    "resnet50": (ResNet, stages.RESNET50),
    "resnet_tiny": (ResNet, stages.RESNET_TINY),
}
NORMS = ("none", "batch")
NORM_STATISTICS = ("batch", "running", "frozen")


def table_of(backbone: str, dilated: bool) -> stages.Table:
    """Return the architecture of a backbone, dilated to stride 8 or with its published stride.

    Raises:
        UserError: There is no such backbone.
    """
    check_name("backbone", backbone, BACKBONES)
    _, table = BACKBONES[backbone]
    return table if dilated else stages.undilated(table)


def make_backbone(
    table: stages.Table,
    norm: str,
    norm_statistics: str,
    stride_on: str,
    train: bool,
    dtype: Any = None,
    backend: str = XLA,
) -> nn.Module:
    """Return the module of a backbone, to be called within a compact method of another module.

    Args:
        table: Its architecture.
        norm: Of a VGG: one of NORMS. A ResNet always has batch norm.
        norm_statistics: One of NORM_STATISTICS, see `SAM`.
        stride_on: Of a ResNet, see `Bottleneck`.
        train: Whether the statistics may be those of the batch.
        dtype: Of activations and products; None is float32.
        backend: See `samjax.models.backend`.

    Raises:
        UserError: A name is unknown.
    """
    check_name("norm", norm, NORMS)
    check_name("norm_statistics", norm_statistics, NORM_STATISTICS)
    running = not (train and norm_statistics == "batch")
    batch_norm = partial(
        nn.BatchNorm, use_running_average=running, momentum=0.99, epsilon=1e-5, dtype=dtype
    )
    if isinstance(table, stages.ResNetTable):
        return ResNet(table, batch_norm, stride_on, dtype, backend, name="backbone")
    return VGG(table, batch_norm if norm == "batch" else None, dtype, backend, name="backbone")

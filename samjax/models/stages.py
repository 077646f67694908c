"""The backbones' architectures as data: one row per stage, nothing else.

Every table ends at stride 8. VGG-16 and ResNet-50 are the dilated versions of Cornia et al.,
"Predicting Human Eye Fixations via an LSTM-based Saliency Attentive Model", IEEE TIP 2018,
section III-B, as released; the small ones are for tests, demos and training from scratch.
"""

import math
from typing import NamedTuple


class Pool(NamedTuple):
    """A 2x2 max-pool: its stride, and whether it is shifted for the release's "same" alignment.

    Shifted windows cover rows {s*i - 1, s*i} instead of {s*i, s*i + 1}: for an even window the
    framework of the release pads one cell on both sides and crops the far end.
    """

    stride: int
    shifted: bool = False


class ConvStage(NamedTuple):
    """A stage of VGG: `layers` 3x3 convolutions of `features` channels, then a pool if any.

    The stride is that of the first convolution. The release has none there: it pools instead,
    which costs more.
    """

    features: int
    layers: int
    stride: int = 1
    dilation: int = 1
    pool: Pool | None = None


class ResidualStage(NamedTuple):
    """A stage of ResNet: `blocks` bottlenecks of width `features`, 4 * `features` channels out.

    The stride is that of the first bottleneck.
    """

    features: int
    blocks: int
    stride: int = 1
    dilation: int = 1


class ResNetTable(NamedTuple):
    """A stem of `stem` channels (7x7 of stride 2, max-pool 3x3 of stride 2), then the stages."""

    stem: int
    stages: tuple[ResidualStage, ...]


VGGTable = tuple[ConvStage, ...]
Table = VGGTable | ResNetTable


def undilated(table: Table) -> Table:
    """Return the table of a backbone before it was dilated, with the same parameters.

    Wherever the dilation grows, a stride by the same factor had been taken out. It comes back: in
    the pool in front of the stage where there is one, else in the stage's first convolution.
    """
    if isinstance(table, ResNetTable):
        return table._replace(stages=_undilated_residual(table.stages))
    return _undilated_convolutional(table)


def _undilated_residual(stages: tuple[ResidualStage, ...]) -> tuple[ResidualStage, ...]:
    plain: list[ResidualStage] = []
    dilation = 1  # of the stage before
    for stage in stages:
        factor = stage.dilation // dilation
        plain.append(stage._replace(stride=stage.stride * factor, dilation=1))
        dilation = stage.dilation
    return tuple(plain)


def _undilated_convolutional(stages: VGGTable) -> VGGTable:
    plain: list[ConvStage] = []
    dilation = 1  # of the stage before
    for stage in stages:
        factor = stage.dilation // dilation
        # A pool of stride 1 is what the dilation left of a pool of stride 2.
        pool = plain[-1].pool if plain else None
        if pool is None:
            plain.append(stage._replace(stride=stage.stride * factor, dilation=1))
        else:
            plain[-1] = plain[-1]._replace(pool=pool._replace(stride=pool.stride * factor))
            plain.append(stage._replace(dilation=1))
        dilation = stage.dilation
    return tuple(plain)


def stride(table: Table) -> int:
    """Return the pixels of the input per feature cell, in each direction."""
    if isinstance(table, ResNetTable):
        # The 7x7 convolution and the max-pool behind it, each of stride 2.
        stem_stride = 4
        return stem_stride * math.prod(stage.stride for stage in table.stages)
    pools = [stage.pool.stride for stage in table if stage.pool is not None]
    return math.prod(stage.stride for stage in table) * math.prod(pools)


VGG16 = (
    ConvStage(64, 2, pool=Pool(2)),
    ConvStage(128, 2, pool=Pool(2)),
    ConvStage(256, 3, pool=Pool(2, shifted=True)),
    ConvStage(512, 3, pool=Pool(1, shifted=True)),
    ConvStage(512, 3, dilation=2),
)
VGG_TINY = (
    ConvStage(8, 1, pool=Pool(2)),
    ConvStage(12, 1, pool=Pool(2)),
    ConvStage(16, 1, pool=Pool(2, shifted=True)),
    ConvStage(16, 1, pool=Pool(1, shifted=True)),
    ConvStage(24, 1, dilation=2),
)
VGG_SMALL = (
    ConvStage(32, 1, stride=2),
    ConvStage(64, 2, stride=2),
    ConvStage(128, 2, stride=2),
    ConvStage(160, 2),
    ConvStage(160, 2, dilation=2),
)
VGG_BOX = (
    ConvStage(32, 1, stride=2),
    ConvStage(64, 2, stride=2),
    ConvStage(128, 2, stride=2),
    ConvStage(192, 2),
    ConvStage(192, 2, dilation=2),
)
RESNET50 = ResNetTable(
    64,
    (
        ResidualStage(64, 3),
        ResidualStage(128, 4, stride=2),
        ResidualStage(256, 6, dilation=2),
        ResidualStage(512, 3, dilation=4),
    ),
)
RESNET_TINY = ResNetTable(
    8,
    (
        ResidualStage(4, 1),
        ResidualStage(6, 2, stride=2),
        ResidualStage(8, 1, dilation=2),
        ResidualStage(8, 1, dilation=4),
    ),
)

"""Dilated VGG: 3x3 convolutions and 2x2 max-pools, stride 8 (Cornia et al. 2018, section III-B).

x       [B, H, W, 3]      normalised image
output  [B, h, w, C]      h and w: H and W halved twice rounding down, then once rounding up
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import flax.linen as nn
import jax

from samjax.models import pooling
from samjax.models.convolution import Conv
from samjax.models.stages import ConvStage, Pool


def max_pool(x: jax.Array, pool: Pool) -> jax.Array:
    """A 2x2 max-pool [B, H, W, C]; a shifted one starts one cell early. Padding never wins."""
    before = int(pool.shifted)
    return pooling.max_pool(x, 2, pool.stride, ((before, 0), (before, 0)))


class VGG(nn.Module):
    """A stack of `stages`. With `norm`, each convolution is normalised in place of its bias.

    norm: None as in the release, or a constructor of a normalising layer taking a name.
    """

    stages: tuple[ConvStage, ...]
    norm: Callable[..., nn.Module] | None = None
    dtype: Any = None

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        conv = partial(
            Conv,
            size=3,
            use_bias=self.norm is None,
            kernel_init=nn.initializers.he_normal(),
            dtype=self.dtype,
        )
        for s, stage in enumerate(self.stages, 1):
            for k in range(1, stage.layers + 1):
                x = conv(
                    stage.features,
                    stride=stage.stride if k == 1 else 1,
                    dilation=stage.dilation,
                    name=f"block{s}_conv{k}",
                )(x)
                if self.norm is not None:
                    x = self.norm(name=f"block{s}_norm{k}")(x)
                x = nn.relu(x)
            if stage.pool is not None:
                x = max_pool(x, stage.pool)
        return x

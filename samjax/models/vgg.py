"""Dilated VGG: 3x3 convolutions and 2x2 max-pools, stride 8 (Cornia et al. 2018, section III-B).

    x       [B, H, W, 3]      normalised image
    output  [B, h, w, C]      h and w: H and W halved twice rounding down, then once rounding up

The last stage is dilated by 2 in place of a pool's stride, as its table in `stages` says.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import flax.linen as nn
from jaxtyping import Array, Float

from samjax.models import pooling
from samjax.models.backend import XLA
from samjax.models.convolution import Conv
from samjax.models.stages import Pool, VGGTable


def max_pool(x: Float[Array, "B H W C"], pool: Pool, backend: str = XLA) -> Float[Array, "B h w C"]:
    """Return the 2x2 max-pool of x; a shifted one starts one cell early. Padding never wins."""
    before = int(pool.shifted)
    return pooling.max_pool(x, 2, pool.stride, ((before, 0), (before, 0)), backend)


class VGG(nn.Module):
    """A stack of stages.

    Attributes:
        stages: The architecture, from `samjax.models.stages`.
        norm: None as in the release, or a constructor of a normalising layer taking a name. Each
            convolution is then normalised in place of its bias.
        dtype: Of activations and products; None is float32.
        backend: See `samjax.models.backend`.
    """

    stages: VGGTable
    norm: Callable[..., nn.Module] | None = None
    dtype: Any = None
    backend: str = XLA

    @nn.compact
    def __call__(self, x: Float[Array, "B H W 3"]) -> Float[Array, "B h w C"]:
        """Return the features of normalised images."""
        conv = partial(
            Conv,
            size=3,
            use_bias=self.norm is None,
            kernel_init=nn.initializers.he_normal(),
            dtype=self.dtype,
            backend=self.backend,
        )
        for number, stage in enumerate(self.stages, 1):
            for layer in range(1, stage.layers + 1):
                x = conv(
                    stage.features,
                    stride=stage.stride if layer == 1 else 1,
                    dilation=stage.dilation,
                    name=f"block{number}_conv{layer}",
                )(x)
                if self.norm is not None:
                    x = self.norm(name=f"block{number}_norm{layer}")(x)
                x = nn.relu(x)
            if stage.pool is not None:
                x = max_pool(x, stage.pool, self.backend)
        return x

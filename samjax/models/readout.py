"""From the scores on the feature grid to a saliency map and a log-density on the map's grid.

    scores       [N, h, w]     output of the last 1x1 convolution
    saliency     [N, H, W]     float32 >= 0; with "density" it sums to 1
    log_density  [N, H, W]     float32, natural logarithm, sums to 1 when exponentiated

"relu" is the release's: ReLU, then upsampling. It predicts exactly zero over large areas, which
costs it KL and information gain; its log-density therefore takes zero as FLOOR of the maximum.
"density" is a softmax over all positions after upsampling: positive everywhere.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from samjax.errors import check_name
from samjax.models.upsampling import upsample

FLOOR = 1e-6
READOUTS = ("relu", "density")


class Maps(NamedTuple):
    """What is read out of the scores, in float32."""

    saliency: Float[Array, "N H W"]
    log_density: Float[Array, "N H W"]  # natural logarithm


def read_out(scores: Float[Array, "N h w"], kind: str, ratio: int, alignment: str) -> Maps:
    """Return the maps of the scores, `ratio` times as high and wide.

    Args:
        scores: On the feature grid.
        kind: One of READOUTS.
        ratio: Rows and columns of the map per cell of the feature grid.
        alignment: See `samjax.models.upsampling`.

    Raises:
        UserError: There is no such kind or alignment.
    """
    check_name("readout", kind, READOUTS)
    scores = scores.astype(jnp.float32)
    if kind == "relu":
        saliency = upsample(jax.nn.relu(scores), ratio, alignment)
        # The floor is a convention, not a part of the prediction: it must not pull at the maximum.
        maximum = jax.lax.stop_gradient(saliency.max(axis=(1, 2), keepdims=True))
        # A map that is zero everywhere has no maximum to speak of; it becomes the even density.
        floor = FLOOR * jnp.where(maximum > 0, maximum, 1.0)
        positive = jnp.maximum(saliency, floor)
        return Maps(saliency, jnp.log(positive / positive.sum(axis=(1, 2), keepdims=True)))
    # By the log-softmax, because the logarithm of a softmax is -inf where that underflows.
    log_density = jax.nn.log_softmax(upsample(scores, ratio, alignment), axis=(1, 2))
    return Maps(jnp.exp(log_density), log_density)

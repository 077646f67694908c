"""From the scores on the feature grid to a saliency map and a log-density on the map's grid.

    scores       [N, h, w]     output of the last 1x1 convolution
    saliency     [N, H, W]     float32 >= 0; with "density" it sums to 1
    log_density  [N, H, W]     float32, natural logarithm, sums to 1 when exponentiated

"relu" is the release's: ReLU, then upsampling. It predicts exactly zero over large areas, which
costs it KL and information gain; its log-density therefore takes zero as FLOOR of the maximum.
"density" is a softmax over all positions after upsampling: positive everywhere.
"""

import jax
import jax.numpy as jnp

from samjax.models.upsampling import upsample

FLOOR = 1e-6
READOUTS = ("relu", "density")


def read_out(
    scores: jax.Array, kind: str, ratio: int, alignment: str
) -> tuple[jax.Array, jax.Array]:
    """(saliency, log_density) of the scores, `ratio` times as high and wide."""
    scores = scores.astype(jnp.float32)
    if kind == "relu":
        saliency = upsample(jax.nn.relu(scores), ratio, alignment)
        maximum = jax.lax.stop_gradient(saliency.max(axis=(1, 2), keepdims=True))
        positive = jnp.maximum(saliency, FLOOR * jnp.where(maximum > 0, maximum, 1.0))
        return saliency, jnp.log(positive / positive.sum(axis=(1, 2), keepdims=True))
    log_density = jax.nn.log_softmax(upsample(scores, ratio, alignment), axis=(1, 2))
    return jnp.exp(log_density), log_density

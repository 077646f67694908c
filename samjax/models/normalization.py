"""What a backbone expects of its input: the order of the channels, their mean and their scale."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class Normalization(NamedTuple):
    """Of RGB values 0..255: (x - mean) / scale, then the channels in `order`."""

    order: tuple[int, int, int]
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]


NORMALIZATIONS = {
    # Caffe's and the release's: BGR minus ImageNet's mean colour.
    "caffe": Normalization((2, 1, 0), (123.68, 116.779, 103.939), (1.0, 1.0, 1.0)),
    # torchvision's: RGB in 0..1, ImageNet's mean and standard deviation.
    "torchvision": Normalization((0, 1, 2), (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
}


def normalize(images: jax.Array, kind: str) -> jax.Array:
    """RGB images [B, H, W, 3] in 0..255 (uint8 or float) -> float32, as `kind` wants them."""
    order, mean, scale = NORMALIZATIONS[kind]
    mean, scale = (np.array(v, np.float32).reshape(1, 1, 1, 3) for v in (mean, scale))
    return ((images.astype(jnp.float32) - mean) / scale)[..., order]

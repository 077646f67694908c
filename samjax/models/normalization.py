"""What a backbone expects of its input: the order of the channels, their mean and their scale.

images  [B, H, W, 3]     RGB in 0..255
output  [B, H, W, 3]     (images - mean) / scale, the channels in `order`, float32
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Num

from samjax.errors import check_name

Images = Num[Array | np.ndarray, "B H W 3"]


class Normalization(NamedTuple):
    """The constants of one convention, for RGB values in 0..255."""

    order: tuple[int, int, int]  # of the channels in the output, as indices into RGB
    mean: tuple[float, float, float]  # of R, G and B
    scale: tuple[float, float, float]  # of R, G and B


NORMALIZATIONS = {
    # Caffe's and the release's: BGR minus ImageNet's mean colour.
    "caffe": Normalization((2, 1, 0), (123.68, 116.779, 103.939), (1.0, 1.0, 1.0)),
    # torchvision's: RGB in 0..1, ImageNet's mean and standard deviation.
    "torchvision": Normalization((0, 1, 2), (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
}


def normalize(images: Images, kind: str) -> Float[Array, "B H W 3"]:
    """Return the images as a backbone of this kind wants them, in float32.

    Args:
        images: RGB in 0..255, of any integer or float type.
        kind: A key of NORMALIZATIONS.

    Raises:
        UserError: There is no such kind.
    """
    check_name("normalization", kind, NORMALIZATIONS)
    normalization = NORMALIZATIONS[kind]
    # In full rank, because rank promotion is an error in the tests.
    mean = np.array(normalization.mean, np.float32).reshape(1, 1, 1, 3)
    scale = np.array(normalization.scale, np.float32).reshape(1, 1, 1, 3)
    standardized = (jnp.asarray(images, jnp.float32) - mean) / scale
    return standardized[..., normalization.order]

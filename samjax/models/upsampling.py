"""Bilinear upsampling by an integer, as two small matrix products.

`out[j]` interpolates the edge-clamped source at `(j - offset) / ratio` along each axis.
The release's offset is ratio / 2 - 1 (7 for 16); half-pixel centres have (ratio - 1) / 2.
"""

import jax
import jax.numpy as jnp
import numpy as np

ALIGNMENTS = {
    "paper": lambda ratio: ratio / 2 - 1,
    "half_pixel": lambda ratio: (ratio - 1) / 2,
}


def interpolation_matrix(size: int, ratio: int, offset: float) -> np.ndarray:
    """The weights [size * ratio, size] that take a column of `size` values to `size * ratio`."""
    position = (np.arange(size * ratio) - offset) / ratio
    lower = np.floor(position).astype(int)
    fraction = position - lower
    matrix = np.zeros((size * ratio, size), np.float32)
    rows = np.arange(size * ratio)
    np.add.at(matrix, (rows, np.clip(lower, 0, size - 1)), 1 - fraction)
    np.add.at(matrix, (rows, np.clip(lower + 1, 0, size - 1)), fraction)
    return matrix


def upsample(x: jax.Array, ratio: int, alignment: str = "half_pixel") -> jax.Array:
    """Maps [..., H, W] -> [..., ratio * H, ratio * W], in float32."""
    offset = ALIGNMENTS[alignment](ratio)
    rows = interpolation_matrix(x.shape[-2], ratio, offset)
    columns = interpolation_matrix(x.shape[-1], ratio, offset)
    highest = jax.lax.Precision.HIGHEST  # float32 also where a product would default to less
    x = x.astype(jnp.float32)
    return jnp.einsum("Hh,...hw,Ww->...HW", rows, x, columns, precision=highest)

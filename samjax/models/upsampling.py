"""Bilinear upsampling by an integer, as two small matrix products.

    x       [..., h, w]                   maps
    output  [..., ratio h, ratio w]       out[j] = x at (j - offset) / ratio along each axis

where x between two cells is interpolated linearly, and beyond the first and the last cell it is
that cell. The release's offset is ratio / 2 - 1 (7 for 16); half-pixel centres have
(ratio - 1) / 2.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from samjax.errors import check_name

# The offset of each alignment, by the ratio.
ALIGNMENTS = {
    "paper": lambda ratio: ratio / 2 - 1,
    "half_pixel": lambda ratio: (ratio - 1) / 2,
}


def interpolation_matrix(size: int, ratio: int, offset: float) -> Float[np.ndarray, "output size"]:
    """Return the matrix [size * ratio, size] that upsamples a column of `size` values."""
    position = (np.arange(size * ratio) - offset) / ratio
    # Floor, not truncation: positions before the first cell are negative.
    lower = np.floor(position).astype(int)
    fraction = position - lower
    matrix = np.zeros((size * ratio, size), np.float32)
    rows = np.arange(size * ratio)
    # Added, because both neighbours of a position beyond the edge are the same cell.
    np.add.at(matrix, (rows, np.clip(lower, 0, size - 1)), 1 - fraction)
    np.add.at(matrix, (rows, np.clip(lower + 1, 0, size - 1)), fraction)
    return matrix


def upsample(
    x: Float[Array, "*N h w"], ratio: int, alignment: str = "half_pixel"
) -> Float[Array, "*N H W"]:
    """Return the maps `ratio` times as high and wide, in float32.

    Args:
        x: Maps of any float type.
        ratio: Rows and columns of the output per cell of x.
        alignment: A key of ALIGNMENTS.

    Raises:
        UserError: There is no such alignment.
    """
    check_name("alignment", alignment, ALIGNMENTS)
    offset = ALIGNMENTS[alignment](ratio)
    rows = interpolation_matrix(x.shape[-2], ratio, offset)
    columns = interpolation_matrix(x.shape[-1], ratio, offset)
    # float32 also on devices where a product would be computed with less by default.
    highest = jax.lax.Precision.HIGHEST
    x = x.astype(jnp.float32)
    return jnp.einsum("Hh,...hw,Ww->...HW", rows, x, columns, precision=highest)

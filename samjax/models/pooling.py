"""Max-pooling, as the backbones need it.

x       [B, H, W, C]      input
output  [B, h, w, C]      h = floor((H + padding - size) / stride) + 1, w likewise
"""

import flax.linen as nn
from jaxtyping import Array, Float

from samjax.models.backend import XLA, is_cpu
from samjax.models.cpu.pooling import Padding, max_pool_by_comparison

NO_PADDING: Padding = ((0, 0), (0, 0))


def max_pool(
    x: Float[Array, "B H W C"],
    size: int,
    stride: int,
    padding: Padding = NO_PADDING,
    backend: str = XLA,
) -> Float[Array, "B h w C"]:
    """Return the maximum of each window of `size` x `size` cells, `stride` apart.

    Args:
        x: The maps.
        size: Rows and columns of a window.
        stride: Rows and columns from one window to the next.
        padding: Cells before and after the rows and the columns; they never win.
        backend: See `samjax.models.backend`.

    Returns:
        The maxima; the gradient goes to the first of equal ones.
    """
    if is_cpu(backend):
        return max_pool_by_comparison(x, size, stride, padding)
    return nn.max_pool(x, (size, size), strides=(stride, stride), padding=padding)

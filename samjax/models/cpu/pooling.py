"""Max-pooling by comparison of a window's cells.

    x       [B, H, W, C]      input
    output  [B, h, w, C]      h = floor((H + padding - size) / stride) + 1, w likewise

XLA's CPU backend scatters the gradient of a max-pool, which takes ten times as long as the
selections that the gradient of a comparison consists of.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

Padding = tuple[tuple[int, int], tuple[int, int]]


def max_pool_by_comparison(
    x: Float[Array, "B H W C"], size: int, stride: int, padding: Padding
) -> Float[Array, "B h w C"]:
    """Return the maximum of each window of `size` x `size` cells, `stride` apart.

    Args:
        x: The maps.
        size: Rows and columns of a window.
        stride: Rows and columns from one window to the next.
        padding: Cells before and after the rows and the columns; they never win.

    Returns:
        The maxima. The gradient goes to the first of equal maxima, as XLA's does, and a NaN in a
        window is its maximum, as it is in XLA's.
    """
    x = jnp.pad(x, ((0, 0), *padding, (0, 0)), constant_values=-jnp.inf)
    # Up to the last cell that still begins a whole window.
    height, width = ((n - size) // stride * stride + 1 for n in x.shape[1:3])
    cells = [
        x[:, row : row + height : stride, column : column + width : stride]
        for row in range(size)
        for column in range(size)
    ]
    maximum = cells[0]
    for cell in cells[1:]:
        # `>=` keeps the first of equal cells; a NaN compares false to everything, so it needs a
        # question of its own to stay.
        maximum = jnp.where((maximum >= cell) | jnp.isnan(maximum), maximum, cell)
    return maximum

"""Max-pooling [B, H, W, C] whose gradient goes to the first of equal maxima, as XLA's does."""

import flax.linen as nn
import jax
import jax.numpy as jnp

Padding = tuple[tuple[int, int], tuple[int, int]]


def max_pool(x: jax.Array, size: int, stride: int, padding: Padding = ((0, 0), (0, 0))):
    """The largest of each window of `size` x `size`, `stride` apart. Padding never wins.

    On a CPU the window's cells are compared one after the other: the gradient is then a selection,
    in place of XLA's scattering, which takes ten times as long there.
    """
    if jax.default_backend() != "cpu":
        return nn.max_pool(x, (size, size), strides=(stride, stride), padding=padding)
    x = jnp.pad(x, ((0, 0), *padding, (0, 0)), constant_values=-jnp.inf)
    height, width = ((n - size) // stride * stride + 1 for n in x.shape[1:3])
    cells = [
        x[:, r : r + height : stride, s : s + width : stride]
        for r in range(size)
        for s in range(size)
    ]
    largest = cells[0]
    for cell in cells[1:]:
        # A NaN stays one, as in XLA's.
        largest = jnp.where((largest >= cell) | jnp.isnan(largest), largest, cell)
    return largest

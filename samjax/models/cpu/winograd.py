"""Winograd's 3x3 convolution: 16 products for four outputs instead of 36, as matrix products.

    x       [B, H, W, C]        d  dilation
    tiles   16 of [N, C]        N = B d^2 ceil(H / 2d) ceil(W / 2d) tiles of 4 x 4, two apart
    kernels 16 of [C, F]        the kernel in the same domain, once for any number of inputs

F(2x2, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016): with the
matrices B, G and A below, y = A^T [(G k G^T) . (B^T d B)] A for each tile d. It is exact but for
rounding, about three times that of the plain sum (1e-6 of the largest value in float32); larger
tiles would save more products and lose a digit. Its gradients are products of the same shapes.
"""

import jax
import jax.numpy as jnp

TILE, STEP, TAPS = 4, 2, 3
INPUT = ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1))  # B^T
KERNEL = ((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1))  # G
OUTPUT = ((1, 1, 1, 0), (0, 1, -1, -1))  # A^T

Products = tuple[jax.Array, ...]


def kernels_of(kernel: jax.Array) -> Products:
    """A kernel [3, 3, C, F] -> its 16 matrices [C, F], by rows."""
    rows = _combined(KERNEL, _parts(kernel))
    return tuple(k for row in rows for k in _combined(KERNEL, _parts(row)))


def _parts(kernel: jax.Array) -> list[jax.Array]:
    """The kernel by its first axis. Unlike that of an index, the gradient of a split is not padded
    to the whole kernel."""
    return [part[0] for part in jnp.split(kernel, TAPS)]


def convolve(x: jax.Array, kernels: Products, dilation: int = 1) -> jax.Array:
    """The 'same' cross-correlation of [B, H, W, C] with a kernel's 16 matrices: [B, H, W, F]."""
    height, width = x.shape[1:3]
    x = _phases(x, dilation)
    tiles, grid = _tiles(x)
    products = [(t @ k).reshape(*grid, -1) for t, k in zip(tiles, kernels, strict=True)]
    y = _assembled(products)[:, : x.shape[1], : x.shape[2]]
    return _interleaved(y, dilation)[:, :height, :width]


def _tiles(x: jax.Array) -> tuple[Products, tuple[int, int, int]]:
    """The 16 maps [N, C] of B^T d B, and (B, rows, columns) of the tiles."""
    batch, height, width, channels = x.shape
    rows, columns = -(-height // STEP), -(-width // STEP)
    below, right = (STEP * n + 1 - size for n, size in ((rows, height), (columns, width)))
    x = jnp.pad(x, ((0, 0), (1, below), (1, right), (0, 0)))

    def every_second(x: jax.Array, start: int, count: int, axis: int) -> jax.Array:
        return jax.lax.slice_in_dim(x, start, start + STEP * (count - 1) + 1, STEP, axis)

    down = _combined(INPUT, [every_second(x, r, rows, 1) for r in range(TILE)])
    both = [_combined(INPUT, [every_second(d, s, columns, 2) for s in range(TILE)]) for d in down]
    return tuple(t.reshape(-1, channels) for row in both for t in row), (batch, rows, columns)


def _assembled(products: list[jax.Array]) -> jax.Array:
    """A^T m A of the 16 maps [B, rows, columns, F], put side by side: [B, 2 rows, 2 columns, F]."""
    batch, rows, columns, features = products[0].shape
    across = [_combined(OUTPUT, products[TILE * i : TILE * (i + 1)]) for i in range(TILE)]
    left, right = (_combined(OUTPUT, [a[s] for a in across]) for s in range(STEP))
    lines = [jnp.stack(pair, axis=3) for pair in zip(left, right, strict=True)]
    return jnp.stack(lines, axis=2).reshape(batch, STEP * rows, STEP * columns, features)


def _phases(x: jax.Array, d: int) -> jax.Array:
    """The d^2 maps of every d-th row and column, as images of their own: a kernel dilated by d is
    a plain one for each of them. [B, H, W, C] -> [B d^2, ceil(H / d), ceil(W / d), C]."""
    if d == 1:
        return x
    batch, height, width, channels = x.shape
    h, w = -(-height // d), -(-width // d)
    x = jnp.pad(x, ((0, 0), (0, h * d - height), (0, w * d - width), (0, 0)))
    x = x.reshape(batch, h, d, w, d, channels).transpose(0, 2, 4, 1, 3, 5)
    return x.reshape(batch * d * d, h, w, channels)


def _interleaved(x: jax.Array, d: int) -> jax.Array:
    """The inverse of `_phases`, its padding included."""
    if d == 1:
        return x
    _, h, w, channels = x.shape
    x = x.reshape(-1, d, d, h, w, channels).transpose(0, 3, 1, 4, 2, 5)
    return x.reshape(-1, h * d, w * d, channels)


def _combined(matrix: tuple[tuple[float, ...], ...], parts: list[jax.Array]) -> list[jax.Array]:
    """Each row's sum of the parts times its numbers; most are 0, 1 and -1."""
    return [
        sum(part if n == 1 else -part if n == -1 else n * part for n, part in terms)
        for terms in ([(n, p) for n, p in zip(row, parts, strict=True) if n] for row in matrix)
    ]

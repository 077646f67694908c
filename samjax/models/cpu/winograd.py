"""Winograd's 3x3 convolution: 16 products for four outputs instead of 36, as matrix products.

    x         [B, H, W, C]        input
    d                             dilation of the kernel
    tiles     16 of [N, C]        N = B d^2 ceil(H / 2d) ceil(W / 2d) tiles of 4 x 4, two apart
    matrices  16 of [C, F]        the kernel in the same domain, made once for any number of inputs

This is F(2x2, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016).
With the matrices B, G and A below, a tile t gives the 2 x 2 outputs

    y = A^T [(G k G^T) . (B^T t B)] A

where . is the elementwise product, summed over the input channels. It is exact but for rounding,
which is about three times that of the plain sum (1e-6 of the largest value in float32); larger
tiles would save more products and lose a digit. Its gradients are products of the same shapes.
"""

from functools import reduce

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

TILE_SIZE = 4  # rows and columns of a tile of the input
OUTPUT_SIZE = 2  # rows and columns that it gives, and the distance of the tiles
KERNEL_SIZE = 3
INPUT_TRANSFORM = ((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1))  # B^T
KERNEL_TRANSFORM = ((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1))  # G
OUTPUT_TRANSFORM = ((1, 1, 1, 0), (0, 1, -1, -1))  # A^T

Transform = tuple[tuple[float, ...], ...]
Matrices = tuple[Array, ...]  # one for each of the 16 cells of a tile, by rows


def transform_kernel(kernel: Float[Array, "3 3 C F"]) -> Matrices:
    """Return the 16 matrices [C, F] of G k G^T, by rows."""
    matrices: list[Array] = []
    for row in _combine(KERNEL_TRANSFORM, _split(kernel)):
        matrices += _combine(KERNEL_TRANSFORM, _split(row))
    return tuple(matrices)


def convolve(
    x: Float[Array, "B H W C"], kernels: Matrices, dilation: int = 1
) -> Float[Array, "B H W F"]:
    """Return the "same" cross-correlation of x with the kernel that `transform_kernel` was given.

    Args:
        x: The input.
        kernels: The 16 matrices [C, F] of the kernel.
        dilation: Rows and columns from one tap of the kernel to the next.
    """
    height, width = x.shape[1:3]
    x = _split_phases(x, dilation)
    tiles, grid = _transform_tiles(x)
    products = [
        (tile @ kernel).reshape(*grid, -1) for tile, kernel in zip(tiles, kernels, strict=True)
    ]
    # Tiles reach over the last row and column where the size is odd.
    y = _transform_outputs(products)[:, : x.shape[1], : x.shape[2]]
    return _merge_phases(y, dilation)[:, :height, :width]


def _split(kernel: Array) -> list[Array]:
    """Return the three parts of the kernel along its first axis, without that axis.

    They are split off rather than indexed: the gradient of an index is padded to the whole kernel.
    """
    return [part[0] for part in jnp.split(kernel, KERNEL_SIZE)]


def _transform_tiles(x: Array) -> tuple[Matrices, tuple[int, int, int]]:
    """Return the 16 maps [N, C] of B^T t B, and (B, rows, columns) of the tiles."""
    batch, height, width, channels = x.shape
    rows, columns = -(-height // OUTPUT_SIZE), -(-width // OUTPUT_SIZE)
    # One cell before, and as many behind as the last tile reaches over.
    below = OUTPUT_SIZE * rows + 1 - height
    right = OUTPUT_SIZE * columns + 1 - width
    x = jnp.pad(x, ((0, 0), (1, below), (1, right), (0, 0)))

    def cells(x: Array, start: int, count: int, axis: int) -> Array:
        """Return the cell `start` of each of the `count` tiles along an axis."""
        end = start + OUTPUT_SIZE * (count - 1) + 1
        return jax.lax.slice_in_dim(x, start, end, OUTPUT_SIZE, axis)

    tiles: list[Array] = []
    for row in _combine(INPUT_TRANSFORM, [cells(x, r, rows, axis=1) for r in range(TILE_SIZE)]):
        tiles += _combine(
            INPUT_TRANSFORM, [cells(row, s, columns, axis=2) for s in range(TILE_SIZE)]
        )
    return tuple(tile.reshape(-1, channels) for tile in tiles), (batch, rows, columns)


def _transform_outputs(products: list[Array]) -> Array:
    """Return A^T m A of the 16 maps m [B, rows, columns, F] as one [B, 2 rows, 2 columns, F]."""
    batch, rows, columns, features = products[0].shape
    tile_rows = [products[TILE_SIZE * r : TILE_SIZE * (r + 1)] for r in range(TILE_SIZE)]
    # Of each row of the tile its two output columns, and of these the two output rows.
    across = [_combine(OUTPUT_TRANSFORM, row) for row in tile_rows]
    left = _combine(OUTPUT_TRANSFORM, [columns_of_row[0] for columns_of_row in across])
    right = _combine(OUTPUT_TRANSFORM, [columns_of_row[1] for columns_of_row in across])
    lines = [jnp.stack([left[r], right[r]], axis=3) for r in range(OUTPUT_SIZE)]
    shape = (batch, OUTPUT_SIZE * rows, OUTPUT_SIZE * columns, features)
    return jnp.stack(lines, axis=2).reshape(shape)


def _split_phases(x: Array, dilation: int) -> Array:
    """Return the d^2 maps of every d-th row and column of x as images of their own.

    A kernel that is dilated by d is a plain one for each of them.
    [B, H, W, C] -> [B d^2, ceil(H / d), ceil(W / d), C].
    """
    if dilation == 1:
        return x
    batch, height, width, channels = x.shape
    rows, columns = -(-height // dilation), -(-width // dilation)
    below, right = rows * dilation - height, columns * dilation - width
    x = jnp.pad(x, ((0, 0), (0, below), (0, right), (0, 0)))
    x = x.reshape(batch, rows, dilation, columns, dilation, channels).transpose(0, 2, 4, 1, 3, 5)
    return x.reshape(batch * dilation**2, rows, columns, channels)


def _merge_phases(x: Array, dilation: int) -> Array:
    """Return the images that `_split_phases` took apart, with its padding."""
    if dilation == 1:
        return x
    _, rows, columns, channels = x.shape
    x = x.reshape(-1, dilation, dilation, rows, columns, channels).transpose(0, 3, 1, 4, 2, 5)
    return x.reshape(-1, rows * dilation, columns * dilation, channels)


def _combine(transform: Transform, parts: list[Array]) -> list[Array]:
    """Return, for each row of the transform, the sum of the parts times its numbers."""
    return [_weighted_sum(row, parts) for row in transform]


def _weighted_sum(weights: tuple[float, ...], parts: list[Array]) -> Array:
    """Return the sum of the parts times their weights, most of which are 0, 1 and -1."""
    terms = [
        part if weight == 1 else -part if weight == -1 else weight * part
        for weight, part in zip(weights, parts, strict=True)
        if weight != 0
    ]
    return reduce(jnp.add, terms)

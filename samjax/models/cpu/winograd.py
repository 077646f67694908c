"""Winograd's convolutions: fewer products for 2 x 2 outputs at a time, as products of matrices.

    x         [B, H, W, C]        input
    d                             dilation of the kernel, whose taps are k x k, k = 3 or 5
    tiles     n^2 of [N, C]       N = B d^2 ceil(H / 2d) ceil(W / 2d) tiles of n x n, n = k + 1
    matrices  n^2 of [C, F]       the kernel in the same domain, made once for any number of inputs

This is F(2x2, kxk) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016):
16 products in place of 36 for k = 3, and 36 in place of 100 for k = 5. With the matrices B, G and A
of a `Transform`, a tile t gives the 2 x 2 outputs

    y = A^T [(G k G^T) . (B^T t B)] A

where . is the elementwise product, summed over the input channels. It is exact but for rounding,
which is about three times that of the plain sum for k = 3, and six times for k = 5; in bfloat16
about twice that of the plain sum. Larger tiles of outputs would save more products, but their
matrices take four times the kernel's memory.

The rows of a dilated kernel are d apart. Rows are therefore counted as 2d (r + q) + d s + p: a tile
row r, its q-th neighbour, one of the tile's two rows s, and one of d interleaved images p, which
have nothing to do with each other. Columns likewise.
"""

import math
from collections.abc import Sequence
from functools import partial, reduce

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from samjax.models.cpu.product import product
from samjax.models.cpu.recompute import recomputed
from samjax.models.cpu.winograd_transforms import OUTPUTS, TRANSFORMS, Rows, Transform

Matrices = tuple[Array, ...]  # one for each of the n^2 cells of a tile, by rows


def transform_kernel(kernel: Float[Array, "k k C F"]) -> Matrices:
    """Return the n^2 matrices [C, F] of G K G^T, by rows."""
    transform = TRANSFORMS[len(kernel)].kernel
    rows = _combine(transform, _split(kernel))
    return tuple(matrix for row in rows for matrix in _combine(transform, _split(row)))


def convolve(
    x: Float[Array, "B H W C"], kernel: Float[Array, "k k C F"], dilation: int = 1
) -> Float[Array, "B H W F"]:
    """Return the "same" cross-correlation of x with a kernel.

    Its gradient makes tiles and matrices anew, which take several times the memory of x and kernel.

    Args:
        x: The input.
        kernel: The kernel.
        dilation: Rows and columns from one tap of the kernel to the next.
    """

    def transform_and_convolve(x: Array, kernel: Array) -> Array:
        return _convolve(x, transform_kernel(kernel), dilation)

    return recomputed(transform_and_convolve)(x, kernel)


def convolve_with_matrices(
    x: Float[Array, "B H W C"], matrices: Matrices, dilation: int = 1
) -> Float[Array, "B H W F"]:
    """Return `convolve` of x with the kernel that `transform_kernel` was given.

    Its gradient makes the tiles anew.

    Args:
        x: The input.
        matrices: The n^2 matrices [C, F] of the kernel.
        dilation: Rows and columns from one tap of the kernel to the next.
    """
    return recomputed(partial(_convolve, dilation=dilation))(x, matrices)


def _convolve(x: Array, matrices: Matrices, dilation: int) -> Array:
    height, width = x.shape[1:3]
    transform = TRANSFORMS[math.isqrt(len(matrices)) + 1 - OUTPUTS]
    tiles = _transform_tiles(x, transform, dilation)
    grid = tiles[0].shape[:-1]
    products = [
        product(tile.reshape(-1, x.shape[-1]), matrix).reshape(*grid, -1)
        for tile, matrix in zip(tiles, matrices, strict=True)
    ]
    # Tiles reach over the last row and column where the size is no multiple of 2d.
    return _transform_outputs(products, transform)[:, :height, :width].astype(x.dtype)


def _split(kernel: Array) -> list[Array]:
    """Return the parts of the kernel along its first axis, without that axis.

    They are split off rather than indexed: the gradient of an index is padded to the whole kernel.
    """
    return [part[0] for part in jnp.split(kernel, len(kernel))]


def _transform_tiles(x: Array, transform: Transform, dilation: int) -> Matrices:
    """Return the n^2 maps [B, R, d, S, d, C] of B^T t B, of R x S tiles in d x d images."""
    batch, height, width, channels = x.shape
    size, step = len(transform.input), OUTPUTS * dilation
    groups = size // OUTPUTS  # of `step` rows, over which a tile reaches
    reach = dilation * (len(transform.kernel[0]) // 2)
    rows, columns = -(-height // step), -(-width // step)
    below = (rows + groups - 1) * step - reach - height
    right = (columns + groups - 1) * step - reach - width
    x = jnp.pad(x, ((0, 0), (reach, below), (reach, right), (0, 0)))
    x = x.reshape(batch, -1, OUTPUTS, dilation, columns + groups - 1, OUTPUTS, dilation, channels)
    return _transform_groups(x, transform)


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _transform_groups(x: Array, transform: Transform) -> Matrices:
    """Return the tiles of x [B, R + r, 2, d, S + r, 2, d, C], where r + 1 groups make a tile."""
    size = len(transform.input)
    rows, columns = (x.shape[axis] + 1 - size // OUTPUTS for axis in (1, 4))

    def cells_of_rows(cell: int) -> Array:
        group, row = divmod(cell, OUTPUTS)
        return x[:, group : group + rows, row]

    def cells_of_columns(line: Array, cell: int) -> Array:
        group, column = divmod(cell, OUTPUTS)
        return line[:, :, :, group : group + columns, column]

    tiles: list[Array] = []
    for line in _combine(transform.input, [cells_of_rows(cell) for cell in range(size)]):
        tiles += _combine(transform.input, [cells_of_columns(line, cell) for cell in range(size)])
    return tuple(tiles)


def _forward(x: Array, transform: Transform) -> tuple[Matrices, None]:
    return _transform_groups(x, transform), None


def _backward(transform: Transform, _: None, tiles: Matrices) -> tuple[Array]:
    """Return the gradient of x.

    It is written out because of the stack at its end: XLA writes that to memory, where it would
    compute a sum of slices' gradients anew for each use, and keep all that it consists of.
    """
    size = len(transform.input)
    groups = size // OUTPUTS
    transposed = tuple(zip(*transform.input, strict=True))
    lines = [
        _combine(transposed, list(tiles[start : start + size]))
        for start in range(0, len(tiles), size)
    ]
    # cells[column][row] of the tiles
    cells = [_combine(transposed, list(column)) for column in zip(*lines, strict=True)]

    def place(row: int, column: int) -> Array:
        """Return a cell of all tiles where it lies in x."""
        (below, _), (behind, _) = divmod(row, OUTPUTS), divmod(column, OUTPUTS)
        padding = [(0, 0)] * cells[0][0].ndim
        padding[1], padding[3] = (below, groups - 1 - below), (behind, groups - 1 - behind)
        return jnp.pad(cells[column][row], padding)

    def total(row: int, column: int) -> Array:
        """Return the sum of the cells of all tiles that lie at one row and column of a group."""
        rows, columns = range(row, size, OUTPUTS), range(column, size, OUTPUTS)
        return reduce(jnp.add, [place(i, j) for i in rows for j in columns])

    return (_interleave([[total(i, j) for j in range(OUTPUTS)] for i in range(OUTPUTS)]),)


_transform_groups.defvjp(_forward, _backward)


def _transform_outputs(products: list[Array], transform: Transform) -> Array:
    """Return A^T m A of the n^2 maps m [B, R, d, S, d, F] as one [B, 2d R, 2d S, F]."""
    batch, rows, dilation, columns, _, features = products[0].shape
    size = len(transform.input)
    # Of each row of the tile its two output columns, and of these the two output rows.
    across = [
        _combine(transform.output, products[start : start + size])
        for start in range(0, len(products), size)
    ]
    down = [_combine(transform.output, list(column)) for column in zip(*across, strict=True)]
    step = OUTPUTS * dilation
    whole = _interleave(list(zip(*down, strict=True)))
    return whole.reshape(batch, step * rows, step * columns, features)


def _interleave(maps: Sequence[Sequence[Array]]) -> Array:
    """Return the maps [B, R, d, S, d, F] of 2 rows and 2 columns as [B, R, 2, d, S, 2, d, F]."""
    return jnp.stack([jnp.stack(row, axis=4) for row in maps], axis=2)


def _combine(transform: Rows, parts: list[Array]) -> list[Array]:
    """Return, for each row of the transform, the sum of the parts times its numbers."""
    return [_weighted_sum(row, parts) for row in transform]


def _weighted_sum(weights: tuple[float, ...], parts: list[Array]) -> Array:
    """Return the sum of the parts times their weights, many of which are 0, 1 and -1."""
    terms = [
        part if weight == 1 else -part if weight == -1 else weight * part
        for weight, part in zip(weights, parts, strict=True)
        if weight != 0
    ]
    return reduce(jnp.add, terms)

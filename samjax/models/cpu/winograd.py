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
from functools import partial

import jax.numpy as jnp
from jaxtyping import Array, Float

from samjax.models.cpu.product import product
from samjax.models.cpu.recompute import recomputed
from samjax.models.cpu.winograd_tiles import combine, transform_outputs, transform_tiles
from samjax.models.cpu.winograd_transforms import OUTPUTS, TRANSFORMS, Matrices


def transform_kernel(kernel: Float[Array, "k k C F"]) -> Matrices:
    """Return the n^2 matrices [C, F] of G K G^T, by rows."""
    transform = TRANSFORMS[len(kernel)].kernel
    rows = combine(transform, _split(kernel))
    return tuple(matrix for row in rows for matrix in combine(transform, _split(row)))


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
    tiles = transform_tiles(x, transform, dilation)
    grid = tiles[0].shape[:-1]
    products = [
        product(tile.reshape(-1, x.shape[-1]), matrix).reshape(*grid, -1)
        for tile, matrix in zip(tiles, matrices, strict=True)
    ]
    # Tiles reach over the last row and column where the size is no multiple of 2d.
    return transform_outputs(products, transform)[:, :height, :width].astype(x.dtype)


def _split(kernel: Array) -> list[Array]:
    """Return the parts of the kernel along its first axis, without that axis.

    They are split off rather than indexed: the gradient of an index is padded to the whole kernel.
    """
    return [part[0] for part in jnp.split(kernel, len(kernel))]

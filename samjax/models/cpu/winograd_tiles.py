"""Into the domain of Winograd's products and back: tiles of an input, and outputs of tiles.

The letters are those of `winograd`. A map of tiles is [B, R, d, S, d, C]: of R x S tiles in each of
d x d interleaved images.
"""

from collections.abc import Sequence
from functools import partial, reduce

import jax
import jax.numpy as jnp
from jaxtyping import Array

from samjax.models.cpu.winograd_transforms import OUTPUTS, Matrices, Rows, Transform


def transform_tiles(x: Array, transform: Transform, dilation: int) -> Matrices:
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
    for line in combine(transform.input, [cells_of_rows(cell) for cell in range(size)]):
        tiles += combine(transform.input, [cells_of_columns(line, cell) for cell in range(size)])
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
        combine(transposed, list(tiles[start : start + size]))
        for start in range(0, len(tiles), size)
    ]
    # cells[column][row] of the tiles
    cells = [combine(transposed, list(column)) for column in zip(*lines, strict=True)]

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


def transform_outputs(products: list[Array], transform: Transform) -> Array:
    """Return A^T m A of the n^2 maps m [B, R, d, S, d, F] as one [B, 2d R, 2d S, F]."""
    batch, rows, dilation, columns, _, features = products[0].shape
    size = len(transform.input)
    # Of each row of the tile its two output columns, and of these the two output rows.
    across = [
        combine(transform.output, products[start : start + size])
        for start in range(0, len(products), size)
    ]
    down = [combine(transform.output, list(column)) for column in zip(*across, strict=True)]
    step = OUTPUTS * dilation
    whole = _interleave(list(zip(*down, strict=True)))
    return whole.reshape(batch, step * rows, step * columns, features)


def _interleave(maps: Sequence[Sequence[Array]]) -> Array:
    """Return the maps [B, R, d, S, d, F] of 2 rows and 2 columns as [B, R, 2, d, S, 2, d, F]."""
    return jnp.stack([jnp.stack(row, axis=4) for row in maps], axis=2)


def combine(transform: Rows, parts: list[Array]) -> list[Array]:
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

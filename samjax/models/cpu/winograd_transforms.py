"""The matrices of Winograd's transforms F(2x2, 3x3) and F(2x2, 5x5), see `winograd`."""

from typing import NamedTuple

from jaxtyping import Array

OUTPUTS = 2  # rows and columns of the outputs of a tile

Rows = tuple[tuple[float, ...], ...]
Matrices = tuple[Array, ...]  # one for each of the n^2 cells of a tile, by rows


class Transform(NamedTuple):
    """How tiles, kernels and outputs get into the domain of the products and back.

    Attributes:
        input: B^T [n, n].
        kernel: G [n, k].
        output: A^T [2, n].
    """

    input: Rows
    kernel: Rows
    output: Rows


TRANSFORMS = {
    # The polynomials' points are 0, 1, -1 and infinity.
    3: Transform(
        input=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, -1, 0, 1)),
        kernel=((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1)),
        output=((1, 1, 1, 0), (0, 1, -1, 1)),
    ),
    # The points 0, 3/4, -3/4, 3/2, -3/2 and infinity. The usual 0, 1, -1, 2, -2 and infinity make
    # three times the error.
    5: Transform(
        input=(
            (81, 0, -180, 0, 64, 0),
            (0, 27, 36, -12, -16, 0),
            (0, -27, 36, 12, -16, 0),
            (0, -27, -18, 48, 32, 0),
            (0, 27, -18, -48, 32, 0),
            (0, 81, 0, -180, 0, 64),
        ),
        kernel=(
            (1 / 81, 0, 0, 0, 0),
            (8 / 243, 2 / 81, 1 / 54, 1 / 72, 1 / 96),
            (8 / 243, -2 / 81, 1 / 54, -1 / 72, 1 / 96),
            (1 / 243, 1 / 162, 1 / 108, 1 / 72, 1 / 48),
            (1 / 243, -1 / 162, 1 / 108, -1 / 72, 1 / 48),
            (0, 0, 0, 0, 1 / 64),
        ),
        output=((1, 1, 1, 1, 1, 0), (0, 0.75, -0.75, 1.5, -1.5, 1)),
    ),
}
"""By the size k of the kernel."""

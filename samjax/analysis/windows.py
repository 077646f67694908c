"""The window of a size that keeps the most attention: an exact search over an integral image.

The integral image (Crow, "Summed-area tables for texture mapping", SIGGRAPH 1984) gives the
attention in any window from its four corners, so that every position can be tried.
"""

from typing import NamedTuple

import numpy as np

from samjax.errors import UserError

TIE = 1e-9
"""Two windows whose shares of all attention differ by no more keep the same; rounding does less."""


class Window(NamedTuple):
    """A part of a picture, in whole pixels.

    Attributes:
        x: The first column in it.
        y: The first row in it.
        width: How many columns it has.
        height: How many rows it has.
    """

    x: int
    y: int
    width: int
    height: int


class Attention:
    """The attention in the windows of a picture.

    Attributes:
        density: [H, W], as it was given; a map of zeros is a flat one.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
    """

    def __init__(self, density: np.ndarray) -> None:
        """Sum a density up.

        Args:
            density: [H, W], >= 0; it need not sum to 1.

        Raises:
            UserError: It is no density.
        """
        self.density = checked(density)
        self.height, self.width = density.shape
        self._sums = np.zeros((self.height + 1, self.width + 1))
        np.cumsum(self.density, axis=0, dtype=np.float64, out=self._sums[1:, 1:])
        np.cumsum(self._sums, axis=1, out=self._sums)
        self._sums /= self._sums[-1, -1]

    def share(self, window: Window) -> float:
        """Return the share of all attention that is in a window."""
        x, y, width, height = window
        rows = self._sums[y + height] - self._sums[y]
        return float(rows[x + width] - rows[x])

    def shares(self, height: int, width: int) -> np.ndarray:
        """Return what each window of a size keeps: float64 [tops, lefts].

        Args:
            height: Of the windows; at most that of the picture.
            width: Likewise.
        """
        rows = self._sums[height:] - self._sums[:-height]
        return rows[:, width:] - rows[:, :-width]

    def best(self, height: int, width: int) -> tuple[Window, float]:
        """Return the window of a size that keeps the most, and the share that it keeps.

        Of windows that keep the same, it is the one nearest to the picture's centre.
        """
        shares = self.shares(height, width)
        rows, columns = np.nonzero(shares >= shares.max() - TIE)
        # Twice the distance of the centres, in whole numbers: no rounding decides.
        across = 2 * columns + width - self.width
        down = 2 * rows + height - self.height
        nearest = int(np.argmin(across**2 + down**2))
        y, x = int(rows[nearest]), int(columns[nearest])
        return Window(x, y, width, height), float(shares[y, x])


def checked(density: np.ndarray) -> np.ndarray:
    """Return a density [H, W], or a flat one in place of a map of zeros.

    Raises:
        UserError: It has another shape, or values that are negative or not finite.
    """
    if density.ndim != 2 or not density.size:
        raise UserError(f"a density of shape {density.shape} is none; give [H, W]")
    if not np.isfinite(density).all() or density.min() < 0:
        raise UserError("a density has values that are negative or not finite; give a map >= 0")
    return density if density.any() else np.ones_like(density)

"""A map of a network brought back to the size of its image, a few rows at a time.

The map of a photograph of 12 megapixels is 48 MB of float32, and each pass over it reads them all
from memory. Nothing that is written of a map needs more than some rows at once: they are made in
the processor's cache, used there, and never stored as a whole unless somebody asks for that.
"""

import numpy as np

from samjax.data.coordinates import from_fractions, to_fractions
from samjax.data.geometry import letterbox
from samjax.files.limits import strips


class Enlarged:
    """A map of a letterboxed image at the image's own size; the inverse of `letterbox`.

    The interpolation is bilinear, and what the map says of the padding is left out. It is used as
    an array [height, width] that gives slices of rows, its minimum, maximum and sum;
    `np.asarray` gives the whole.
    """

    def __init__(self, on_canvas: np.ndarray, height: int, width: int) -> None:
        """Interpolate along the rows, of which there are few.

        Args:
            on_canvas: Float [h, w].
            height: The image's height.
            width: Its width.
        """
        canvas_height, canvas_width = on_canvas.shape
        window = letterbox(height, width, canvas_height, canvas_width)
        # Cutting the padding off first keeps it out of the interpolation at the content's edge.
        top, left, rows, columns = window.content_box(canvas_height, canvas_width)
        content = on_canvas[top : top + rows, left : left + columns]
        down = _positions(window.top, window.height, height, canvas_height) - top
        across = _positions(window.left, window.width, width, canvas_width) - left
        lower, upper, fraction = _neighbours(across, columns)
        fraction = fraction.astype(content.dtype)
        # Bilinear interpolation is linear along one axis and then along the other.
        self._lines = content[:, lower] * (1 - fraction) + content[:, upper] * fraction
        self._lower, self._upper, self._fraction = _neighbours(down, rows)
        self.shape = (height, width)
        self.dtype = on_canvas.dtype

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return a slice of rows [n, width]."""
        return self._rows(np.arange(self.shape[0])[rows])

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """Return the whole map [height, width]."""
        image = np.empty(self.shape, dtype or self.dtype)
        for rows in strips(self.shape):
            image[rows] = self[rows]
        return image

    def __truediv__(self, divisor: float) -> "Enlarged":
        """Return the map divided by a number."""
        divided = object.__new__(Enlarged)
        divided.__dict__.update(self.__dict__)
        divided._lines = (self._lines / np.float64(divisor)).astype(self.dtype)
        return divided

    def min(self) -> float:
        """Return the least value."""
        return float(self._rows(self._turns()).min())

    def max(self) -> float:
        """Return the largest value."""
        return float(self._rows(self._turns()).max())

    def sum(self) -> float:
        """Return the sum of all values, in float64."""
        of_lines = self._lines.sum(axis=1, dtype=np.float64)
        lower, upper = of_lines[self._lower], of_lines[self._upper]
        return float((lower * (1 - self._fraction) + upper * self._fraction).sum())

    def _turns(self) -> np.ndarray:
        """Return the numbers of the first and last rows between each two lines of the map.

        Between two lines a column is straight, so its least and largest values are among these.
        """
        first = np.flatnonzero(np.diff(self._lower, prepend=-1))
        return np.concatenate([first, [*(first[1:] - 1), self.shape[0] - 1]])

    def _rows(self, numbers: np.ndarray) -> np.ndarray:
        """Return the rows of these numbers."""
        lower, fraction = self._lower[numbers], self._fraction[numbers].astype(self.dtype)
        image = np.empty((len(numbers), self.shape[1]), self.dtype)
        starts = np.flatnonzero(np.diff(lower, prepend=-1))
        for start, stop in zip(starts, [*starts[1:], len(numbers)], strict=True):
            # All rows between the same two lines at once: no value is gathered from elsewhere.
            above, part = fraction[start:stop, None], image[start:stop]
            np.multiply(self._lines[lower[start]], 1 - above, out=part)
            part += self._lines[self._upper[numbers[start]]] * above
        return image


def unletterbox(on_canvas: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a map of a letterboxed image at the image's own size, see `Enlarged`.

    Args:
        on_canvas: Float [h, w].
        height: The image's height.
        width: Its width.

    Returns:
        [height, width] of the same dtype.
    """
    return np.asarray(Enlarged(on_canvas, height, width))


def _positions(begin: float, extent: float, size: int, canvas: int) -> np.ndarray:
    """Return where the pixel centres of an image's axis lie on the canvas, in its pixels [size]."""
    fractions = to_fractions(np.arange(size), size)
    return from_fractions((fractions - begin) / extent, canvas)


def _neighbours(positions: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return between which of `length` values positions lie, and how far: (lower, upper, fraction).

    Half a pixel at each edge lies beyond the outermost centres: their value goes on.
    """
    positions = np.clip(positions, 0, length - 1)
    # One row or column has no upper neighbour; it is its own.
    lower = np.minimum(positions.astype(np.int64), max(length - 2, 0))
    # OpenCV's remap and warpAffine would quantise this fraction to 1/32 of a pixel.
    return lower, np.minimum(lower + 1, length - 1), positions - lower

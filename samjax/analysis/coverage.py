"""How much of each pixel an area covers, exactly.

What a border of a polygon has to its right is added up exactly in each pixel that the border
passes; the sum along a row then is the coverage, as in the renderers of fonts. So areas that share
an edge share the pixels on it without gap or overlap, at any size.
"""

from typing import NamedTuple

import numpy as np

from samjax.analysis.area import Area, Mask
from samjax.analysis.borders import borders_of
from samjax.analysis.resample import resample


class Coverage(NamedTuple):
    """The pixels of a picture that an area covers.

    Attributes:
        top: The first row of the window that holds all of them.
        left: Its first column.
        weights: float32 [h, w] of that window, the fraction of each pixel that is covered, 0 to 1.
        extent: The area's size in square pixels, with what lies outside of the picture.
    """

    top: int
    left: int
    weights: np.ndarray
    extent: float

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns of the window."""
        height, width = self.weights.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    @property
    def inside(self) -> float:
        """The size in square pixels within the picture."""
        return float(self.weights.sum(dtype=np.float64))


def cover(area: Area, height: int, width: int) -> Coverage:
    """Return the coverage of an area over a picture of height x width pixels.

    Raises:
        UserError: The area's frame has another aspect than the picture.
    """
    shape = area.on(height, width).shape
    if isinstance(shape, Mask):
        return _cover_mask(shape, height, width)
    edges, signs = borders_of(shape)
    heights = edges[:, 3] - edges[:, 1]
    extent = float(-(signs * heights * (edges[:, 0] + edges[:, 2]) / 2).sum())
    return _rasterise(edges, signs, height, width, max(extent, 0.0))


def _cover_mask(mask: Mask, height: int, width: int) -> Coverage:
    """Return the coverage of a mask that is stretched over a picture."""
    rows, columns = mask.values.shape
    # A pixel's coverage is the average over the mask's pixels in it.
    weights = resample(mask.values, height, width) * (height * width / (rows * columns))
    extent = float(weights.sum())
    used_rows, used_columns = np.nonzero(weights.any(axis=1))[0], np.nonzero(weights.any(axis=0))[0]
    if not len(used_rows):
        return Coverage(0, 0, np.zeros((0, 0), np.float32), 0.0)
    top, left = int(used_rows[0]), int(used_columns[0])
    window = weights[top : used_rows[-1] + 1, left : used_columns[-1] + 1]
    return Coverage(top, left, np.clip(window, 0, 1).astype(np.float32), extent)


def _rasterise(
    edges: np.ndarray, signs: np.ndarray, height: int, width: int, extent: float
) -> Coverage:
    """Return the coverage of what lies between borders; see `borders_of`."""
    empty = Coverage(0, 0, np.zeros((0, 0), np.float32), extent)
    if not len(edges):
        return empty
    xs, ys = edges[:, [0, 2]], edges[:, [1, 3]]
    left, right = max(int(np.floor(xs.min())), 0), min(int(np.ceil(xs.max())), width)
    top, bottom = max(int(np.floor(ys.min())), 0), min(int(np.ceil(ys.max())), height)
    if right <= left or bottom <= top:
        return empty
    rows, columns = bottom - top, right - left
    shift = np.array([left, top, left, top])
    pieces = [_pieces(edge, rows, columns) for edge in edges - shift]
    counts = [piece.shape[1] for piece in pieces]
    x, y, drop = np.concatenate(pieces, axis=1)
    amount = drop * np.repeat(signs, counts)
    row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    # Left of the window an edge has the whole row to its right; right of it, nothing.
    x, column = np.maximum(x, 0), np.maximum(column, 0)
    kept = (row >= 0) & (row < rows) & (column < columns)
    row, column, x, amount = row[kept], column[kept], x[kept], amount[kept]
    place, within = row * (columns + 1) + column, x - column
    total = rows * (columns + 1)
    steps = np.bincount(place, amount * (1 - within), total)
    steps += np.bincount(place + 1, amount * within, total)
    weights = np.cumsum(steps.reshape(rows, columns + 1), axis=1)[:, :columns]
    return Coverage(top, left, np.clip(weights, 0, 1).astype(np.float32), extent)


def _pieces(edge: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Cut an edge at the borders of a window's pixels; return [3, N]: middle x, middle y, drop.

    Args:
        edge: (x0, y0, x1, y1) in the window's pixels.
        rows: Of the window.
        columns: Of the window.
    """
    x0, y0, x1, y1 = edge
    cuts = [np.array([0.0, 1.0]), (_between(y0, y1, rows) - y0) / (y1 - y0)]
    if x0 != x1:
        cuts.append((_between(min(x0, x1), max(x0, x1), columns) - x0) / (x1 - x0))
    t = np.unique(np.clip(np.concatenate(cuts), 0, 1))
    x, y = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
    return np.stack([(x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2, np.diff(y)])


def _between(low: float, high: float, last: int) -> np.ndarray:
    """Return the whole numbers between two numbers that are from 0 to `last`."""
    return np.arange(max(np.ceil(low), 0), min(np.floor(high), last) + 1)

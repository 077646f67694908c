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
    pieces, source = _split(_split((edges - shift, np.arange(len(edges))), 1, rows), 0, columns)
    x0, y0, x1, y1 = pieces.T
    x, amount = (x0 + x1) / 2, (y1 - y0) * signs[source]
    row, column = (np.floor(at).astype(np.int64) for at in ((y0 + y1) / 2, x))
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


def _split(
    edges: tuple[np.ndarray, np.ndarray], axis: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut edges where they pass a whole number of one coordinate.

    Args:
        edges: [N, 4] as (x0, y0, x1, y1), and [N] numbers that stay with them.
        axis: 0 to cut at whole x, 1 at whole y.
        last: Whole numbers from 0 to this one are cut at.

    Returns:
        The pieces [M, 4], in the order of the edges, and the number [M] of the edge of each.
    """
    corners, numbers = edges
    begin, end = corners[:, axis], corners[:, axis + 2]
    low, high = np.minimum(begin, end), np.maximum(begin, end)
    first, final = np.maximum(np.floor(low) + 1, 0), np.minimum(np.ceil(high) - 1, last)
    cuts = np.maximum(final - first + 1, 0).astype(np.int64)
    # Each edge is repeated for its pieces, which are counted from 0 within it.
    source = np.repeat(np.arange(len(corners)), cuts + 1)
    piece = np.arange(len(source)) - np.repeat(np.cumsum(cuts + 1) - cuts - 1, cuts + 1)
    span = np.where(end == begin, 1, end - begin)
    is_up = end >= begin

    def place(cut: np.ndarray) -> np.ndarray:
        """Return how far along its edge, 0 to 1, each piece's cut of that number is."""
        whole = np.where(is_up[source], first[source] + cut, final[source] - cut)
        return np.clip((whole - begin[source]) / span[source], 0, 1)

    start = np.where(piece == 0, 0, place(piece - 1))[:, None]
    stop = np.where(piece == cuts[source], 1, place(piece))[:, None]
    head, tail = corners[source, :2], corners[source, 2:]
    # Sums of both ends, so that the last piece ends exactly where the edge does.
    pieces = [head * (1 - t) + tail * t for t in (start, stop)]
    return np.concatenate(pieces, axis=1), numbers[source]

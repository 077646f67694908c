"""Positions in pixels and in fractions, and the pixels of one axis that a window covers.

Coordinates are 0-based and an integer is a pixel's centre. So pixel x of W covers the fractions
x / W to (x + 1) / W of the width. What is given in fractions suits an image, its fixations and its
density at whatever size each of them is stored.
"""

import math

import numpy as np

from samjax.data.resampling import NEAR


def to_fractions(positions: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Return positions in pixels as fractions of a grid's extent, whose edges are 0 and 1.

    Args:
        positions: [N] along one axis, or [N, 2] as (x, y).
        size: Pixels along that axis, or (width, height).
    """
    return (np.asarray(positions, np.float64) + 0.5) / size


def from_fractions(fractions: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Return fractions of a grid's extent as positions in pixels; the inverse of `to_fractions`."""
    return np.asarray(fractions, np.float64) * size - 0.5


def covered_pixels(begin: float, extent: float, canvas: int) -> tuple[int, int]:
    """Return the first pixel of a canvas's axis that shows any of 0..1, and the one after the last.

    Args:
        begin: Where the window begins on this axis, as a fraction of the image.
        extent: How far it reaches, likewise.
        canvas: Pixels of the axis.
    """
    # Where the image's own edges 0 and 1 lie on the canvas, in pixels from its edge.
    near, far = -begin / extent * canvas, (1 - begin) / extent * canvas
    # An edge within rounding of a whole pixel is that pixel's; else a sliver would add a row.
    start = min(max(math.floor(near + NEAR), 0), canvas)
    stop = max(min(math.ceil(far - NEAR), canvas), start)
    return start, stop


def snap_axis(begin: float, extent: float, image: int, canvas: int) -> tuple[float, float]:
    """Return (begin, extent) of one axis of `Window.snap`.

    Args:
        begin: Where the window begins, as a fraction of the image.
        extent: How far it reaches, likewise.
        image: Pixels of the image along this axis.
        canvas: Pixels of the canvas along it.
    """
    # The part of the image that the window shows, then its edges in pixels of the canvas and of
    # the image, rounded; at least one pixel of each remains.
    first, last = (min(max(edge, 0.0), 1.0) for edge in (begin, begin + extent))
    canvas_edges = [round((edge - begin) / extent * canvas) for edge in (first, last)]
    image_edges = [round(edge * image) for edge in (first, last)]
    canvas_count = max(canvas_edges[1] - canvas_edges[0], 1)
    canvas_start = min(canvas_edges[0], canvas - canvas_count)
    image_count = max(image_edges[1] - image_edges[0], 1)
    image_start = min(image_edges[0], image - image_count)
    # The window follows from the whole pixels, not the other way round.
    step = image_count / canvas_count  # image pixels per canvas pixel
    return (image_start - canvas_start * step) / image, step * canvas / image

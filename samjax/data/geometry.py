"""How an image is laid on a canvas and a map is brought back, and points of one grid on another.

A canvas is the input of a network. `samjax.data.coordinates` tells what coordinates mean.
"""

import numpy as np

from samjax.data.coordinates import from_fractions, to_fractions
from samjax.data.window import Window
from samjax.files.limits import LARGE_PIXELS


def letterbox(height: int, width: int, canvas_height: int, canvas_width: int) -> Window:
    """Return the window that shows a whole image in the middle of a canvas, at its own aspect.

    It depends on the two aspects alone, so it is the same for canvases of equal aspect, such as a
    network's input and its map.
    """
    scale = min(canvas_height / height, canvas_width / width)
    return _centred(scale, height, width, canvas_height, canvas_width)


def cover(height: int, width: int, canvas_height: int, canvas_width: int) -> Window:
    """Return the window that fills a canvas with the middle of an image, at its own aspect.

    It shows as much of the image as fits.
    """
    scale = max(canvas_height / height, canvas_width / width)
    return _centred(scale, height, width, canvas_height, canvas_width)


def _centred(
    scale: float, height: int, width: int, canvas_height: int, canvas_width: int
) -> Window:
    """Return the window in the middle of an image that is enlarged by `scale`."""
    # An axis that fits is exactly 1: quotients of equal products may differ in the last bit.
    down = 1.0 if scale == canvas_height / height else canvas_height / (height * scale)
    across = 1.0 if scale == canvas_width / width else canvas_width / (width * scale)
    return Window((1 - across) / 2, (1 - down) / 2, across, down)


def unletterbox(on_canvas: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a map of a letterboxed image at the image's own size; the inverse of `letterbox`.

    The interpolation is bilinear, and what the map says of the padding is left out.

    Args:
        on_canvas: Float [h, w].
        height: The image's height.
        width: Its width.

    Returns:
        [height, width] of the same dtype.
    """
    canvas_height, canvas_width = on_canvas.shape
    window = letterbox(height, width, canvas_height, canvas_width)
    # Cutting the padding off first keeps it out of the interpolation at the content's edge.
    top, left, rows, columns = window.content_box(canvas_height, canvas_width)
    content = on_canvas[top : top + rows, left : left + columns]
    down = _positions(window.top, window.height, height, canvas_height) - top
    across = _positions(window.left, window.width, width, canvas_width) - left
    # Bilinear interpolation is linear along one axis and then along the other.
    lines = _interpolate(content, down)
    if height * width <= LARGE_PIXELS:
        return _interpolate(lines.T, across).T.astype(on_canvas.dtype)
    # A large map is made in parts, because the interpolation takes three times its memory.
    image = np.empty((height, width), on_canvas.dtype, order="F")
    step = max(LARGE_PIXELS // width, 1)
    for start in range(0, height, step):
        image[start : start + step] = _interpolate(lines[start : start + step].T, across).T
    return image


def _positions(begin: float, extent: float, size: int, canvas: int) -> np.ndarray:
    """Return where the pixel centres of an image's axis lie on the canvas, in its pixels [size]."""
    fractions = to_fractions(np.arange(size), size)
    return from_fractions((fractions - begin) / extent, canvas)


def _interpolate(values: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the rows of `values` [n, m] interpolated linearly at `positions` [k], as [k, m]."""
    # Half a pixel at each edge lies beyond the outermost centres: their value goes on.
    positions = np.clip(positions, 0, len(values) - 1)
    # One row or column has no upper neighbour; it is its own.
    lower = np.minimum(positions.astype(np.int64), max(len(values) - 2, 0))
    upper = np.minimum(lower + 1, len(values) - 1)
    # OpenCV's remap and warpAffine would quantise this fraction to 1/32 of a pixel.
    fraction = (positions - lower).astype(values.dtype)[:, None]
    return values[lower] * (1 - fraction) + values[upper] * fraction


def to_grid(points: np.ndarray, from_size: tuple[int, int], to_size: tuple[int, int]) -> np.ndarray:
    """Return points of one grid in the pixels of another that covers the same picture.

    Args:
        points: [N, 2] as (x, y), in pixels of the first grid.
        from_size: (height, width) of the first grid.
        to_size: (height, width) of the second grid.

    Returns:
        [N, 2] float64, (x, y) in pixels of the second grid.
    """
    height, width = from_size
    new_height, new_width = to_size
    # By the ratio of the sizes, not by way of fractions: points on a grid of the same size stay
    # exactly where they are, and one on the border of two pixels does not change sides.
    scale = np.array([new_width / width, new_height / height])
    return (np.asarray(points, np.float64).reshape(-1, 2) + 0.5) * scale - 0.5

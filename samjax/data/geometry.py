"""How an image is laid on a canvas, and points of one grid on another.

A canvas is the input of a network. `samjax.data.coordinates` tells what coordinates mean, and
`samjax.data.enlarged` brings a map back.
"""

import numpy as np

from samjax.data.window import Window


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

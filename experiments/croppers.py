"""Ways to cut a window of a given size out of a picture, to compare with samjax crop.

pip install smartcrop                             # the Python port of smartcrop.js
pip install pyvips; apt-get install libvips42     # libvips
"""

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

import numpy as np
from PIL import Image

from samjax.analysis.crop import MARGIN, best_window, focal_point
from samjax.analysis.shapes import read_shape, window_sizes
from samjax.analysis.windows import Attention, Window
from samjax.errors import UserError


class Picture(NamedTuple):
    """What a cropper may look at.

    Attributes:
        image: RGB uint8 [H, W, 3].
        density: Of the model, [H, W].
        center_bias: The density of the fixations on other images, [H, W].
        counts: The fixations that the window is judged by, per pixel [H, W].
    """

    image: np.ndarray
    density: np.ndarray
    center_bias: np.ndarray
    counts: np.ndarray


Cropper = Callable[[Picture, int, int], Window]
"""Takes a picture, and the height and width of the window."""


def around(picture: Picture, x: float, y: float, height: int, width: int) -> Window:
    """Return the window whose centre is nearest to a place (x, y), in pixels."""
    rows, columns = picture.image.shape[:2]
    left = min(max(round(x - width / 2), 0), columns - width)
    top = min(max(round(y - height / 2), 0), rows - height)
    return Window(left, top, width, height)


def center(picture: Picture, height: int, width: int) -> Window:
    """Return the window in the middle."""
    rows, columns = picture.image.shape[:2]
    return around(picture, columns / 2, rows / 2, height, width)


def at_focal_point(picture: Picture, height: int, width: int) -> Window:
    """Return the window around samjax's focal point, as an image server cuts it."""
    x, y = focal_point(picture.density)
    rows, columns = picture.image.shape[:2]
    return around(picture, x * columns, y * rows, height, width)


TARGET = 200  # pixels of a thumbnail's longer side; smartcrop shrinks the picture to about that


def smartcrop(picture: Picture, height: int, width: int) -> Window:
    """Return the window of smartcrop with its own settings, at exactly this size."""
    try:
        from smartcrop import SmartCrop
    except ImportError as error:
        raise UserError("the package smartcrop is missing; pip install smartcrop") from error
    rows, columns = picture.image.shape[:2]
    # It searches among fractions of the largest window of the ratio.
    scale = min(1.0, max(height / rows, width / columns))
    shrink = min(1.0, TARGET / max(height, width))
    found = SmartCrop().crop(
        Image.fromarray(picture.image),
        max(1, round(width * shrink)),
        max(1, round(height * shrink)),
        min_scale=scale,
        max_scale=scale,
    )["top_crop"]
    middle = found["x"] + found["width"] / 2, found["y"] + found["height"] / 2
    return around(picture, *middle, height, width)


def libvips(interesting: str) -> Cropper:
    """Return the crop of libvips (vipsthumbnail --smartcrop) by "attention" or "entropy"."""
    try:
        import pyvips
    except (ImportError, OSError) as error:
        raise UserError("libvips is missing; pip install pyvips, and install libvips42") from error

    def cut(picture: Picture, height: int, width: int) -> Window:
        image = pyvips.Image.new_from_array(picture.image, interpretation="srgb")
        part = image.smartcrop(width, height, interesting=interesting)
        return Window(-part.xoffset, -part.yoffset, width, height)

    return cut


def best_of(values: Callable[[Picture], np.ndarray], margin: float = 0.0) -> Cropper:
    """Return the search of samjax crop over some map of the picture."""

    def cut(picture: Picture, height: int, width: int) -> Window:
        return best_window(Attention(values(picture)), height, width, margin)[0]

    return cut


def croppers() -> dict[str, Cropper]:
    """Return the ways to compare by name, the command's own first.

    Raises:
        UserError: A package is missing.
    """
    return {
        "samjax": best_of(lambda picture: picture.density, MARGIN),
        "samjax, --margin 0": best_of(lambda picture: picture.density),
        "samjax, around the focal point": at_focal_point,
        "smartcrop": smartcrop,
        "libvips, attention": libvips("attention"),
        "libvips, entropy": libvips("entropy"),
        "center crop": center,
        "best window of the center bias": best_of(lambda picture: picture.center_bias),
        "best possible": best_of(lambda picture: picture.counts),
    }


def size_of(ratio: str, area: float, height: int, width: int) -> tuple[int, int]:
    """Return the height and width of a window: the largest of a ratio, or a part of its area."""
    sizes = window_sizes(read_shape(ratio).ratio, height, width)
    return sizes[max(0, round(len(sizes) * sqrt(area)) - 1)]


def kept(counts: np.ndarray, window: Window) -> float:
    """Return the share of the fixations [H, W] in a window."""
    x, y, width, height = window
    return float(counts[y : y + height, x : x + width].sum() / counts.sum())

"""Where to cut a picture: the window of a shape that keeps the most attention, the focal point.

crop(density, "16:9")                # the largest window of 16:9 with the most attention
crop(density, "1:1", keep=0.8)       # the smallest square that keeps 80 % of it
crop(density, "400x300")             # as 4:3, not smaller than 400 x 300 pixels
focal_point(density)                 # (x, y), as fractions of width and height
"""

from bisect import bisect_left
from math import ceil
from typing import NamedTuple

import numpy as np

from samjax.analysis.shapes import Shape, read_shape, window_sizes
from samjax.analysis.windows import TIE, Attention, Window
from samjax.errors import UserError

MARGIN = 0.05
"""Of a window, on each side, where attention does not count, see `Attention.shares`."""
MAX_MARGIN = 0.25
FOCUS = 0.5
"""The side of the square around the focal point, as a fraction of the picture's shorter side."""


class Crop(NamedTuple):
    """A window for a shape.

    Attributes:
        shape: What was asked for.
        window: Where to cut.
        share: How much of all attention is in the window.
        inside: How much of it is in the window and not in its margin; the search decides by it.
        enough: Whether `inside` is as much as was asked for.
    """

    shape: Shape
    window: Window
    share: float
    inside: float
    enough: bool


def crop(
    density: np.ndarray | Attention,
    shape: str | Shape,
    *,
    margin: float = MARGIN,
    keep: float | None = None,
    enlarge: bool = False,
) -> Crop:
    """Return the window of a shape that keeps the most attention.

    All positions are tried, so no window keeps more (up to a share of `TIE`). Of windows that keep
    the same, it is the one nearest to the picture's centre.

    Args:
        density: [H, W], >= 0; or its `Attention`, where there are several shapes.
        shape: A ratio as "16:9", or a size in pixels as "800x450".
        margin: The part of the window on each side in which attention does not count, from 0 to
            `MAX_MARGIN`. So subjects are kept off the edge.
        keep: The share of all attention that has to be inside; the window is then the smallest that
            keeps it, or the largest one, if no window does. None for the largest.
        enlarge: Whether a window may have fewer pixels than a size that is asked for.

    Raises:
        UserError: The picture has no such window, or an argument is out of range.
    """
    attention = density if isinstance(density, Attention) else Attention(density)
    shape = read_shape(shape) if isinstance(shape, str) else shape
    check_options(margin, keep)
    sizes = _sizes(attention, shape, enlarge)
    size = sizes[-1] if keep is None else _smallest(attention, sizes, margin, keep)
    window, inside = attention.best(*size, margin)
    enough = keep is None or inside >= keep - TIE
    return Crop(shape, window, attention.share(window), inside, enough)


def focal_point(density: np.ndarray | Attention) -> tuple[float, float]:
    """Return the point to keep in view: (x, y) as fractions of the picture's width and height.

    It is the centre of gravity of the attention in the square, half as wide as the picture's
    shorter side, that keeps the most attention. The mean of the whole map may lie between two
    subjects, and its maximum may jump between them; this point stays on the stronger one.
    """
    attention = density if isinstance(density, Attention) else Attention(density)
    side = max(1, round(FOCUS * min(attention.height, attention.width)))
    (x, y, width, height), _ = attention.best(side, side)
    part = attention.density[y : y + height, x : x + width].astype(np.float64)
    across = np.average(np.arange(width) + 0.5, weights=part.sum(axis=0))
    down = np.average(np.arange(height) + 0.5, weights=part.sum(axis=1))
    return float(x + across) / attention.width, float(y + down) / attention.height


def check_options(margin: float, keep: float | None) -> None:
    """Check what `crop` takes.

    Raises:
        UserError: An argument is out of range.
    """
    if not 0 <= margin <= MAX_MARGIN:
        raise UserError(f"margin={margin:g} is not possible; give 0 up to {MAX_MARGIN:g}")
    if keep is not None and not 0 < keep <= 1:
        raise UserError(f"keep={keep:g} is not possible; give a share above 0 and up to 1")


def _sizes(attention: Attention, shape: Shape, enlarge: bool) -> list[tuple[int, int]]:
    """Return (height, width) of the windows that may be taken, the smallest first."""
    sizes = window_sizes(shape.ratio, attention.height, attention.width)
    if shape.size is None or enlarge:
        return sizes
    width, height = shape.size
    large = [size for size in sizes if size[0] >= height and size[1] >= width]
    if not large:
        most = f"{sizes[-1][1]}x{sizes[-1][0]}"
        raise UserError(
            f"{width}x{height} is larger than the picture of {attention.width}x{attention.height} "
            f"pixels allows ({most}); give a smaller size, or --enlarge"
        )
    return large


def _smallest(
    attention: Attention, sizes: list[tuple[int, int]], margin: float, keep: float
) -> tuple[int, int]:
    """Return the smallest of the sizes whose best window keeps a share, or the largest of all.

    A window has room for each smaller one of its ratio, so that larger sizes keep more, and can be
    bisected. With a margin that holds where both sides differ by two pixels or more: the parts
    that count begin between pixels, and those of the next size may not quite contain them. The few
    sizes before the one that the bisection finds are tried, too.
    """

    def is_enough(size: tuple[int, int]) -> bool:
        return bool(attention.shares(*size, margin).max() >= keep - TIE)

    found = bisect_left(sizes, True, hi=len(sizes) - 1, key=is_enough)
    height, width = sizes[-1]
    near = ceil(3 * max(height / width, width / height)) if margin else 0
    before = sizes[max(0, found - near) : found]
    return next((size for size in before if is_enough(size)), sizes[found])

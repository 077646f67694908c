"""Where to cut a picture: the window of a shape that keeps the most attention, the focal point.

crop(density, "16:9")                # the largest window of 16:9 with the most attention
crop(density, "1:1", keep=0.8)       # the smallest square that keeps 80 % of it
crop(density, "400x300")             # as 4:3, not smaller than 400 x 300 pixels
focal_point(density)                 # (x, y), as fractions of width and height
"""

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from samjax.analysis.shapes import Shape, read_shape, window_sizes
from samjax.analysis.windows import TIE, Attention, Window
from samjax.errors import UserError

MARGIN = 0.025
"""Of a window, on each side, in which attention does not count."""
MAX_MARGIN = 0.25
FOCUS = 0.5
"""The side of the square around the focal point, as a fraction of the picture's shorter side."""


class Crop(NamedTuple):
    """A window for a shape.

    Attributes:
        shape: What was asked for.
        window: Where to cut.
        share: How much of all attention is in the window.
        inside: How much of it is in the window without its margins; the search decides by it.
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

    See `best_window` for the search.

    Args:
        density: [H, W], >= 0; or its `Attention`, where there are several shapes.
        shape: A ratio as "16:9", or a size in pixels as "800x450".
        margin: The part of the window on each side in which attention does not count, from 0 to
            `MAX_MARGIN`, so that subjects are kept off the edge. There is none where nothing is
            cut off.
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
    window, inside = best_window(attention, *size, margin)
    enough = keep is None or inside >= keep - TIE
    return Crop(shape, window, attention.share(window), inside, enough)


def best_window(
    attention: Attention, height: int, width: int, margin: float
) -> tuple[Window, float]:
    """Return the window of a size that keeps the most inside of its margins, and that share.

    The window without its margins is searched: all positions are tried, so that none keeps more (up
    to a share of `TIE`), and of those that keep the same it is the one nearest to the picture's
    centre. The margins are put around it, and the window is moved into the picture where it would
    reach beyond.

    Args:
        attention: Of the picture.
        height: Of the window, in pixels.
        width: Of the window, in pixels.
        margin: See `crop`.
    """
    inner, inside = attention.best(*_inner(attention, (height, width), margin))
    x = _start(inner.x, inner.width, width, attention.width)
    y = _start(inner.y, inner.height, height, attention.height)
    return Window(x, y, width, height), inside


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

    A window without its margins has room for each smaller one, so that what the best of a size
    keeps grows with the size, and the sizes can be bisected.
    """

    def is_enough(size: tuple[int, int]) -> bool:
        return bool(attention.shares(*_inner(attention, size, margin)).max() >= keep - TIE)

    return sizes[bisect_left(sizes, True, hi=len(sizes) - 1, key=is_enough)]


def _inner(attention: Attention, size: tuple[int, int], margin: float) -> tuple[int, int]:
    """Return (height, width) of a window without its margins.

    Two margins are never more than what is cut off: a window as high as the picture has none above
    and below.
    """
    whole = attention.height, attention.width
    height, width = (
        length - min(int(2 * margin * length), most - length)
        for length, most in zip(size, whole, strict=True)
    )
    return height, width


def _start(inner_start: int, inner_length: int, length: int, whole: int) -> int:
    """Return where a window begins along one side of the picture."""
    spare = length - inner_length
    # Where the margins differ by a pixel, the window is nearer to the picture's centre.
    places = inner_start - spare // 2, inner_start - (spare + 1) // 2
    place = min(places, key=lambda start: abs(2 * start + length - whole))
    return min(max(place, 0), whole - length)

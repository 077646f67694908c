"""The shapes of crops, as people write them: `16:9`, `1.91:1`, `800x450`."""

from fractions import Fraction
from typing import NamedTuple

from samjax.errors import UserError


class Shape(NamedTuple):
    """What a crop should look like.

    Attributes:
        name: For the names of files, such as "16x9" or "800x450".
        ratio: Width by height.
        size: Width and height of the cut picture in pixels; None for those of the window.
    """

    name: str
    ratio: Fraction
    size: tuple[int, int] | None = None


def read_shape(text: str) -> Shape:
    """Return the shape that a text tells: a ratio with a colon, or a size with an x.

    Raises:
        UserError: It tells none.
    """
    parts = text.strip().lower().partition("x" if "x" in text.lower() else ":")
    try:
        width, height = Fraction(parts[0].strip()), Fraction(parts[2].strip())
    except (ValueError, ZeroDivisionError) as error:
        raise UserError(
            f"{text!r} is no shape; give a ratio as 16:9 or a size as 800x450"
        ) from error
    if width <= 0 or height <= 0:
        raise UserError(f"{text!r} is no shape; both numbers must be above 0")
    name = f"{parts[0].strip()}x{parts[2].strip()}".replace("/", "-")
    if parts[1] == ":":
        return Shape(name, width / height)
    if width.denominator != 1 or height.denominator != 1:
        raise UserError(f"{text!r} is no size; give whole pixels, as 800x450")
    return Shape(name, width / height, (int(width), int(height)))


def read_shapes(ratios: str, sizes: str) -> list[Shape]:
    """Return the shapes that --ratio and --size ask for, each with commas between.

    Raises:
        UserError: There is none, one is written under the wrong option, or two have one name.
    """
    shapes: dict[str, Shape] = {}
    for option, texts, mark in (("ratio", ratios, ":"), ("size", sizes, "x")):
        for text in filter(None, map(str.strip, texts.lower().split(","))):
            if mark not in text:
                raise UserError(
                    f"--{option}={text}: write it as {'16:9' if mark == ':' else '800x450'}"
                )
            shape = read_shape(text)
            if shapes.setdefault(shape.name, shape) != shape:
                raise UserError(f"--ratio and --size both name {shape.name}; give one of them")
    if not shapes:
        raise UserError("give --ratio, such as --ratio 1:1,16:9, or --size, such as --size 800x450")
    return list(shapes.values())


def window_sizes(ratio: Fraction, height: int, width: int) -> list[tuple[int, int]]:
    """Return (height, width) of every window of a ratio in a picture, the smallest first.

    The longer side of a window takes every whole number, and the shorter side is rounded.

    Args:
        ratio: Width by height.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.

    Raises:
        UserError: The picture has no window of this ratio.
    """
    if ratio < 1:
        return [(h, w) for w, h in window_sizes(1 / ratio, width, height)]
    sizes = [(_rounded(w / ratio), w) for w in range(1, min(width, _longest(ratio, height)) + 1)]
    fitting = [(h, w) for h, w in sizes if 1 <= h <= height]
    if not fitting:
        raise UserError(
            f"a picture of {width}x{height} pixels has no window of {float(ratio):g}:1; give "
            "another ratio"
        )
    return fitting


def _longest(ratio: Fraction, height: int) -> int:
    """Return a width beyond which a window of the ratio is higher than `height`."""
    return int(ratio * (height + 1)) + 1


def _rounded(number: Fraction) -> int:
    """Return the nearest whole number, a half rounded up."""
    return int(number + Fraction(1, 2))

"""Areas of interest: named parts of a picture, as polygons or masks.

Coordinates are of EDGES: x = 0 is the left edge of the picture and x = W its right edge, y = 0 is
the upper edge. So a box at x = 10 with a width of 5 covers the pixels 10 to 14 as a whole. (A
fixation's whole number is the centre of a pixel; as an edge it is x + 0.5.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from samjax.errors import UserError

FRACTIONS = (1, 1)
"""The frame (height, width) of coordinates that are fractions of the picture."""

ASPECT_TOLERANCE = 0.01
"""By how much the aspects of a frame and of a picture may differ, relatively."""

CURVE_POINTS = 256
"""Corners of the polygon that stands for an ellipse; its area is then exact to 1e-4."""


@dataclass(frozen=True, eq=False)
class Polygon:
    """Rings of straight lines.

    Attributes:
        rings: Each [N, 2] float64, the corners (x, y), closed from the last to the first.
        even_odd: Whether what is inside an even number of rings is outside; else every place that
            the rings go round is inside (the rule "nonzero").
    """

    rings: tuple[np.ndarray, ...]
    even_odd: bool = False


@dataclass(frozen=True, eq=False)
class Mask:
    """The whole frame as pixels.

    Attributes:
        values: float32 [h, w], 0 outside and 1 inside, of any size: it is stretched over the frame.
    """

    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Area:
    """A named part of a picture.

    Attributes:
        name: What it is called.
        shape: Where it is, in the pixels of the frame.
        image: The name of the picture that it belongs to, as it was written; None for every one.
        frame: (height, width) that the coordinates refer to; the picture's own size if None.
    """

    name: str
    shape: Polygon | Mask
    image: str | None = None
    frame: tuple[float, float] | None = None

    def on(self, height: int, width: int) -> "Area":
        """Return the area in the pixels of a picture, to which its frame is scaled.

        Raises:
            UserError: The frame has another aspect than the picture.
        """
        if self.frame is None or self.frame == (height, width):
            return replace(self, frame=(height, width))
        rows, columns = self.frame
        if self.frame != FRACTIONS:
            _check_aspect(self.name, self.frame, (height, width))
        shape = self.shape
        if isinstance(shape, Polygon):
            scale = np.array([width / columns, height / rows])
            shape = replace(shape, rings=tuple(ring * scale for ring in shape.rings))
        return replace(self, shape=shape, frame=(height, width))


def _check_aspect(name: str, frame: tuple[float, float], size: tuple[int, int]) -> None:
    """Raise UserError unless a frame and a picture, both (height, width), have the same aspect."""
    ratio = frame[1] * size[0] / (frame[0] * size[1])
    if abs(ratio - 1) > ASPECT_TOLERANCE:
        raise UserError(
            f"area '{name}' was drawn on {frame[1]:g} x {frame[0]:g} pixels, but the picture has "
            f"{size[1]} x {size[0]}, which is another aspect; draw it on the picture itself"
        )


def box(x: float, y: float, width: float, height: float) -> Polygon:
    """Return a rectangle from its upper left corner (x, y), in pixels.

    Raises:
        UserError: A number is not finite, or the width or the height is negative.
    """
    if not np.isfinite([x, y, width, height]).all() or width < 0 or height < 0:
        raise UserError(
            f"x={x:g} y={y:g} width={width:g} height={height:g} is no box; give finite numbers, "
            "and a width and a height that are not negative"
        )
    right, bottom = x + width, y + height
    return Polygon((np.array([[x, y], [right, y], [right, bottom], [x, bottom]], np.float64),))


def polygon(rings: Sequence[Sequence[Sequence[float]]], even_odd: bool = False) -> Polygon:
    """Return a polygon from rings of corners (x, y), in pixels.

    Raises:
        UserError: A ring has fewer than three corners, or a corner is no pair of finite numbers.
    """
    arrays = []
    for ring in rings:
        try:
            corners = np.asarray(ring, np.float64)
        except (TypeError, ValueError):
            corners = np.empty(0)
        if corners.ndim != 2 or corners.shape[1] != 2 or not np.isfinite(corners).all():
            raise UserError("a polygon needs corners [x, y] of finite numbers")
        if len(corners) < 3:
            raise UserError(f"a polygon needs at least 3 corners, not {len(corners)}")
        arrays.append(corners)
    return Polygon(tuple(arrays), even_odd)


def ellipse(x: float, y: float, radius_x: float, radius_y: float) -> Polygon:
    """Return an ellipse about (x, y), in pixels, as a polygon of `CURVE_POINTS` corners.

    Raises:
        UserError: A number is not finite, or a radius is negative.
    """
    if not np.isfinite([x, y, radius_x, radius_y]).all() or radius_x < 0 or radius_y < 0:
        raise UserError(f"an ellipse at {x:g}, {y:g} cannot have radii {radius_x:g}, {radius_y:g}")
    turn = np.arange(CURVE_POINTS) * (2 * np.pi / CURVE_POINTS)
    corners = np.stack([x + radius_x * np.cos(turn), y + radius_y * np.sin(turn)], axis=-1)
    return Polygon((corners,))


def grid(rows: int, columns: int) -> list[Area]:
    """Return the cells of a grid over any picture, row by row, called r1c1, r1c2 and so on.

    Raises:
        UserError: There would be no cell.
    """
    if rows < 1 or columns < 1:
        raise UserError(f"a grid of {rows}x{columns} has no cells; give two numbers from 1 on")
    return [
        Area(
            f"r{row + 1}c{column + 1}",
            box(column / columns, row / rows, 1 / columns, 1 / rows),
            frame=FRACTIONS,
        )
        for row in range(rows)
        for column in range(columns)
    ]


def renamed(areas: Sequence[Area]) -> tuple[list[Area], list[str]]:
    """Return the areas with names that are unique within each picture, and those that repeat.

    The second area of a name gets " 2" behind it, the third " 3".

    Args:
        areas: Of one file.

    Returns:
        The areas, and the names that came more than once.
    """
    taken: set[tuple[str | None, str]] = set()
    repeated: list[str] = []
    unique = []
    for area in areas:
        name, number = area.name, 1
        while (area.image, name) in taken:
            number += 1
            name = f"{area.name} {number}"
        if number == 2 and area.name not in repeated:
            repeated.append(area.name)
        taken.add((area.image, name))
        unique.append(replace(area, name=name))
    return unique, repeated

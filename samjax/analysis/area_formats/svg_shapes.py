"""The shapes of SVG as polygons, and the transforms that they are seen through.

W3C, "Scalable Vector Graphics (SVG) 1.1 (Second Edition)", chapters 7 to 9.
"""

import math
import re
from collections.abc import Callable, Mapping

import numpy as np

from samjax.analysis.area import Polygon, ellipse, polygon
from samjax.analysis.area_formats.svg_path import NUMBER, rings_of
from samjax.errors import UserError

IDENTITY = np.eye(3)

CORNER_POINTS = 16
"""Lines that stand for a rounded corner."""


def length(text: str | None, name: str) -> float:
    """Return a length in user units, which are pixels; 0 where it is not given.

    Raises:
        UserError: It has another unit.
    """
    if text is None:
        return 0.0
    number = text.strip().removesuffix("px")
    if not re.fullmatch(NUMBER, number):
        raise UserError(f"{name}={text!r} is no length in pixels")
    return float(number)


def transform_of(text: str) -> np.ndarray:
    """Return the attribute `transform` as a matrix [3, 3] of columns (x, y, 1).

    Raises:
        UserError: It is not understood.
    """
    matrix = IDENTITY
    for name, arguments in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        values = [float(n) for n in re.findall(NUMBER, arguments)]
        known = TRANSFORMS.get(name)
        if known is None or len(values) not in known[0]:
            raise UserError(f"the transform {name}({arguments}) is not understood")
        matrix = matrix @ known[1](*values)
    rest = re.sub(r"\w+\s*\([^)]*\)", "", text).replace(",", " ").strip()
    if rest:
        raise UserError(f"the transform {text!r} is not understood")
    return matrix


def _matrix(a: float, b: float, c: float, d: float, e: float, f: float) -> np.ndarray:
    return np.array([[a, c, e], [b, d, f], [0, 0, 1]], np.float64)


def _rotate(degrees: float, x: float = 0, y: float = 0) -> np.ndarray:
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    turn = _matrix(cosine, sine, -sine, cosine, 0, 0)
    return _matrix(1, 0, 0, 1, x, y) @ turn @ _matrix(1, 0, 0, 1, -x, -y)


TRANSFORMS: dict[str, tuple[tuple[int, ...], Callable[..., np.ndarray]]] = {
    "matrix": ((6,), _matrix),
    "translate": ((1, 2), lambda x, y=0.0: _matrix(1, 0, 0, 1, x, y)),
    "scale": ((1, 2), lambda x, y=None: _matrix(x, 0, 0, x if y is None else y, 0, 0)),
    "rotate": ((1, 3), _rotate),
    "skewX": ((1,), lambda degrees: _matrix(1, 0, math.tan(math.radians(degrees)), 1, 0, 0)),
    "skewY": ((1,), lambda degrees: _matrix(1, math.tan(math.radians(degrees)), 0, 1, 0, 0)),
}
"""Name: how many numbers it takes, and what they mean."""


def shape_of(
    tag: str, attributes: Mapping[str, str], transform: np.ndarray, even_odd: bool
) -> Polygon:
    """Return a shape seen through a transform.

    Args:
        tag: One of `SHAPES`.
        attributes: Of the element.
        transform: [3, 3].
        even_odd: See `Polygon`.

    Raises:
        UserError: The attributes make no shape.
    """
    rings = []
    for ring in SHAPES[tag](attributes).rings:
        rings.append(ring @ transform[:2, :2].T + transform[:2, 2])
    return Polygon(tuple(rings), even_odd)


def _rect(attributes: Mapping[str, str]) -> Polygon:
    """Return a rectangle, with rounded corners if it has them."""
    names = ("x", "y", "width", "height")
    x, y, width, height = (length(attributes.get(name), name) for name in names)
    if width < 0 or height < 0:
        raise UserError(f"a width of {width:g} and a height of {height:g} make no rectangle")
    # A radius that is not given, or "auto", is the other one.
    given = [attributes[name] for name in ("rx", "ry") if attributes.get(name, "auto") != "auto"]
    radii = [length(text, "rx, ry") for text in (given * 2)[:2]] or [0.0, 0.0]
    radius_x, radius_y = min(radii[0], width / 2), min(radii[1], height / 2)
    turn = np.linspace(0, np.pi / 2, CORNER_POINTS + 1) if radius_x * radius_y else np.zeros(1)
    ring = []
    for quarter, (at_x, at_y) in enumerate(((1, 1), (0, 1), (0, 0), (1, 0))):
        angle = turn + quarter * np.pi / 2
        centre_x = x + width - radius_x if at_x else x + radius_x
        centre_y = y + height - radius_y if at_y else y + radius_y
        if radius_x * radius_y == 0:
            centre_x, centre_y, angle = x + width * at_x, y + height * at_y, turn
            ring.append(np.array([[centre_x, centre_y]]))
            continue
        corner = [centre_x + radius_x * np.cos(angle), centre_y + radius_y * np.sin(angle)]
        ring.append(np.stack(corner, axis=-1))
    return Polygon((np.concatenate(ring).astype(np.float64),))


def _circle(attributes: Mapping[str, str]) -> Polygon:
    x, y, radius = (length(attributes.get(name), name) for name in ("cx", "cy", "r"))
    return ellipse(x, y, radius, radius)


def _ellipse(attributes: Mapping[str, str]) -> Polygon:
    x, y, radius_x, radius_y = (
        length(attributes.get(name), name) for name in ("cx", "cy", "rx", "ry")
    )
    return ellipse(x, y, radius_x, radius_y)


def _polygon(attributes: Mapping[str, str]) -> Polygon:
    text = attributes.get("points", "")
    numbers = re.findall(NUMBER, text)
    if re.sub(NUMBER, "", text).replace(",", " ").strip() or len(numbers) % 2:
        raise UserError(f"points={text!r} are no pairs of numbers")
    return polygon([np.array(numbers, np.float64).reshape(-1, 2).tolist()])


def _path(attributes: Mapping[str, str]) -> Polygon:
    return polygon(rings_of(attributes.get("d", "")))


SHAPES: dict[str, Callable[[Mapping[str, str]], Polygon]] = {
    "rect": _rect,
    "circle": _circle,
    "ellipse": _ellipse,
    "polygon": _polygon,
    "polyline": _polygon,
    "path": _path,
}
"""Tag: from the attributes to a polygon in the element's own coordinates."""

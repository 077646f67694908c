"""Areas from an SVG drawing: its rectangles, circles, ellipses, polygons and paths.

W3C, "Scalable Vector Graphics (SVG) 1.1 (Second Edition)". An area is called by its label of
Inkscape, its <title> or its id. Transforms are applied. The drawing's frame is its <image> if it
has one, whose name is then the picture's; else its viewBox or its width and height. What would
change a shape and is not understood (<use>, transforms in styles, lengths in per cent) is refused.
"""

import re
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np

from samjax.analysis.area import Area
from samjax.analysis.area_formats.svg_shapes import IDENTITY, SHAPES, length, shape_of, transform_of
from samjax.errors import UserError

GROUPS = ("svg", "g", "a")
INVISIBLE = (
    *("defs", "clipPath", "mask", "symbol", "pattern", "marker", "metadata", "title", "desc"),
    *("linearGradient", "radialGradient", "filter", "namedview", "script"),
)
LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"
HREF = "{http://www.w3.org/1999/xlink}href"


class _Drawn(NamedTuple):
    """A shape of the drawing: its element, and what it inherits."""

    element: ElementTree.Element
    to_drawing: np.ndarray
    even_odd: bool


class _Frame(NamedTuple):
    """Where the picture is in the drawing's coordinates, and what it is called."""

    left: float
    top: float
    size: tuple[float, float] | None
    image: str | None


def parse(data: bytes) -> tuple[list[Area], list[str]]:
    """Return the areas of a drawing, and sentences about elements that are no areas.

    Raises:
        UserError: It is no SVG, or has something in it that is not understood.
    """
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise UserError(f"is damaged, it is no XML ({error})") from error
    if _tag(root) != "svg":
        raise UserError(f"is no SVG, but <{_tag(root)}>")
    drawn: list[_Drawn] = []
    notes: list[str] = []
    _walk(root, IDENTITY, False, drawn, notes)
    frame = _frame(root, [d for d in drawn if _tag(d.element) == "image"])
    to_frame = np.array([[1, 0, -frame.left], [0, 1, -frame.top], [0, 0, 1]])
    areas = []
    for number, (element, to_drawing, even_odd) in enumerate(drawn, 1):
        if _tag(element) == "image":
            continue
        name = _name(element) or f"{_tag(element)} {number}"
        try:
            shape = shape_of(_tag(element), element.attrib, to_frame @ to_drawing, even_odd)
        except UserError as error:
            raise UserError(f"'{name}': {error}") from error
        areas.append(Area(name, shape, frame.image, frame.size))
    return areas, notes


def _walk(
    element: ElementTree.Element,
    to_drawing: np.ndarray,
    even_odd: bool,
    drawn: list[_Drawn],
    notes: list[str],
) -> None:
    """Add an element and all below it that is drawn to `drawn`; see `_Drawn` for the arguments.

    Sentences about what is no area are added to `notes`.
    """
    tag, style = _tag(element), _style(element)
    if tag in INVISIBLE:
        return
    _check_transform(element, style)
    name = _name(element) or f"<{tag}>"
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        notes.append(f"'{name}' is hidden in the drawing; it is left out")
        return
    if tag not in (*GROUPS, *SHAPES, "image", "style"):
        notes.append(f"'{name}' is a <{tag}>, which is no area; it is left out")
        return
    to_drawing = to_drawing @ transform_of(element.get("transform", ""))
    even_odd = style.get("fill-rule", "evenodd" if even_odd else "nonzero") == "evenodd"
    if tag in (*SHAPES, "image"):
        drawn.append(_Drawn(element, to_drawing, even_odd))
        return
    for child in element:
        if _tag(child) == "svg":
            raise UserError("a drawing within the drawing (<svg>) is not understood")
        _walk(child, to_drawing, even_odd, drawn, notes)


def _check_transform(element: ElementTree.Element, style: dict[str, str]) -> None:
    """Raise UserError for what would move a shape in a way that is not understood."""
    name, tag = _name(element) or f"<{_tag(element)}>", _tag(element)
    if tag == "use":
        raise UserError(f"'{name}': <use> is not understood; draw the shape itself")
    if tag == "style" and "transform" in (element.text or ""):
        raise UserError("its <style> has a transform; write it as the attribute transform")
    for key in ("transform-origin", "transform-box"):
        if key in style:
            raise UserError(f"'{name}': {key} is not understood; write the transform without it")
    if "transform" in _declarations(element):
        raise UserError(f"'{name}': write the transform as an attribute, not in the style")


def _frame(root: ElementTree.Element, images: list[_Drawn]) -> _Frame:
    """Return where the picture is: at the <image>, or all of the drawing."""
    if len(images) > 1:
        raise UserError("has several <image>; keep the one that the areas are drawn on")
    if images:
        element, to_drawing, _ = images[0]
        scale_x, scale_y, left, top = to_drawing[[0, 1, 0, 1], [0, 1, 2, 2]]
        if to_drawing[0, 1] or to_drawing[1, 0] or scale_x <= 0 or scale_y <= 0:
            raise UserError("its <image> is turned or skewed; draw the areas on it upright")
        x, y, width, height = (length(element.get(k), k) for k in ("x", "y", "width", "height"))
        href = element.get("href") or element.get(HREF) or ""
        name = None if href.startswith("data:") else PurePosixPath(unquote(href)).name or None
        size = (height * scale_y, width * scale_x) if height and width else None
        return _Frame(left + x * scale_x, top + y * scale_y, size, name)
    box = [float(n) for n in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if n]
    if len(box) == 4:
        return _Frame(box[0], box[1], (box[3], box[2]), None)
    if root.get("width") and root.get("height"):
        size = length(root.get("height"), "height"), length(root.get("width"), "width")
        return _Frame(0, 0, size, None)
    return _Frame(0, 0, None, None)


def _tag(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace; comments have an empty one."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "desc"


def _name(element: ElementTree.Element) -> str:
    """Return what an element is called, or ""."""
    titles = [child.text or "" for child in element if _tag(child) == "title"]
    names = [element.get(LABEL, ""), *titles, element.get("id", "")]
    return next((name.strip() for name in names if name.strip()), "")


def _declarations(element: ElementTree.Element) -> dict[str, str]:
    """Return {property: value} of the attribute `style`."""
    pairs = [text.partition(":") for text in element.get("style", "").split(";")]
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip()}


def _style(element: ElementTree.Element) -> dict[str, str]:
    """Return an element's properties, where its style goes before its attributes."""
    return {**element.attrib, **_declarations(element)}

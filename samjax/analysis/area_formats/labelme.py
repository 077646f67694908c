"""Areas from Labelme's files: polygons, rectangles, circles and masks, each named by its label."""

import base64
import io
import math
from pathlib import PureWindowsPath
from typing import Any

import numpy as np
from PIL import Image

from samjax.analysis.area import Area, Mask, Polygon, box, ellipse, polygon
from samjax.errors import UserError
from samjax.files.limits import check_array

NO_AREAS = ("point", "line", "linestrip", "points")


def parse(value: dict[str, Any]) -> tuple[list[Area], list[str]]:
    """Return the areas of a file, and sentences about shapes that are no areas.

    Raises:
        UserError: A shape is of an unknown type or damaged.
    """
    # A path that Windows wrote has backslashes; the last part is the name in both spellings.
    image = PureWindowsPath(value["imagePath"]).name if value.get("imagePath") else None
    frame = None
    if value.get("imageHeight") and value.get("imageWidth"):
        frame = float(value["imageHeight"]), float(value["imageWidth"])
    areas, notes = [], []
    for shape in value["shapes"]:
        label, kind = str(shape["label"]), shape.get("shape_type") or "polygon"
        if kind in NO_AREAS:
            notes.append(f"'{label}' is a {kind}, which is no area; it is left out")
            continue
        try:
            areas.append(Area(label, _shape(kind, shape, frame), image, frame))
        except UserError as error:
            raise UserError(f"shape '{label}': {error}") from error
    return areas, notes


def _shape(kind: str, row: dict[str, Any], frame: tuple[float, float] | None) -> Polygon | Mask:
    """Return a shape of Labelme."""
    points = [(float(x), float(y)) for x, y in row["points"]]
    if kind in ("polygon", "oriented_rectangle"):
        return polygon([points])
    if kind not in ("rectangle", "circle", "mask"):
        raise UserError(f"the type {kind!r} is unknown; use polygon, rectangle, circle or mask")
    if len(points) != 2:
        raise UserError(f"a {kind} has 2 points, not {len(points)}")
    (x0, y0), (x1, y1) = points
    if kind == "rectangle":
        return box(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
    if kind == "circle":
        radius = math.hypot(x1 - x0, y1 - y0)
        return ellipse(x0, y0, radius, radius)
    if frame is None:
        raise UserError("a mask needs imageHeight and imageWidth")
    return _mask(str(row["mask"]), round(x0), round(y0), round(frame[0]), round(frame[1]))


def _mask(text: str, left: int, top: int, height: int, width: int) -> Mask:
    """Return a mask whose picture, as base64, begins at a pixel (left, top) of the frame."""
    check_array((height, width), np.dtype(np.float32))  # before so much memory is taken
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True))) as opened:
            picture = np.asarray(opened.convert("L")) > 0
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"its mask cannot be read ({error})") from error
    values = np.zeros((height, width), np.float32)
    if left < 0 or top < 0 or picture.shape[0] + top > height or picture.shape[1] + left > width:
        raise UserError("its mask leaves the picture")
    values[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return Mask(values)

"""Areas in our own JSON: boxes, polygons and masks, in pixels or in fractions of the picture.

    {"areas": [
      {"area": "logo", "image": "home.png", "box": [10, 10, 120, 40]},
      {"area": "hero", "polygon": [[0, 80], [640, 80], [640, 400]]},
      {"area": "menu", "box": [0, 0, 1, 0.1], "units": "fractions"},
      {"area": "person", "mask": "person.png"}
    ]}

A box is x, y, width, height. "image" may be left out: then the area belongs to every picture. A
mask is a picture beside the JSON file, in which all that is not black is inside.
"""

from pathlib import Path
from typing import Any

import numpy as np

from samjax.analysis.area import FRACTIONS, Area, Mask, Polygon, box, polygon
from samjax.data.images import read_photo
from samjax.errors import UserError, check_name

SHAPES = ("box", "polygon", "mask")
KEYS = ("area", "image", "units", *SHAPES)


def parse(value: Any, folder: Path | None) -> list[Area]:
    """Return the areas of a JSON value.

    Args:
        value: As read from the file: {"areas": [...]}, or the list alone.
        folder: Where masks are; None where no file may be read.

    Raises:
        UserError: It is of another form, or a mask cannot be read.
    """
    rows = value.get("areas") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(
            'is neither ours ({"areas": [{"area": "logo", "box": [x, y, width, height]}]}) nor '
            "COCO's (images, annotations) nor Labelme's (shapes)"
        )
    return [_area(row, number, folder) for number, row in enumerate(rows, 1)]


def _area(row: dict[str, Any], number: int, folder: Path | None) -> Area:
    """Return the area of one entry, whose number counts from 1."""
    try:
        for key in row:
            check_name("key", key, KEYS)
        name, image = row.get("area"), row.get("image")
        if not isinstance(name, str) or not name.strip():
            raise UserError('"area" has no name in it')
        if image is not None and not isinstance(image, str):
            raise UserError(f'"image" is {image!r}, not a name')
        given = [key for key in SHAPES if key in row]
        if len(given) != 1:
            raise UserError('give one of "box", "polygon" and "mask"')
        units = row.get("units", "pixels")
        check_name("units", units, ("pixels", "fractions"))
        shape = _shape(given[0], row[given[0]], folder)
        frame: tuple[float, float] | None = FRACTIONS if units == "fractions" else None
        if isinstance(shape, Mask):
            frame = shape.values.shape
        return Area(name.strip(), shape, image or None, frame)
    except UserError as error:
        raise UserError(f"entry {number}: {error}") from error


def _shape(kind: str, value: Any, folder: Path | None) -> Polygon | Mask:
    """Return the shape of a kind."""
    if kind == "polygon":
        return polygon([value])
    if kind == "mask":
        if not isinstance(value, str):
            raise UserError(f'"mask" is {value!r}, not the name of a picture')
        if folder is None:
            raise UserError(f"the mask {value!r} is a file, which is not read here; give a polygon")
        return Mask((read_photo(folder / value).max(axis=-1) > 0).astype(np.float32))
    numbers = value if isinstance(value, list) else []
    if len(numbers) != 4 or not all(type(n) in (int, float) for n in numbers):
        raise UserError(f'"box" is {value!r}, not [x, y, width, height]')
    return box(*numbers)

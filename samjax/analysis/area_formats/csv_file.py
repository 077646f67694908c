"""Boxes from CSV: image,area,x,y,width,height in pixels, a row for each box.

    image,area,x,y,width,height
    home.png,logo,10,10,120,40
    ,footer,0,700,1280,68

Without the column `image`, or where it is empty, a box belongs to every picture.
"""

import csv
import io

from samjax.analysis.area import Area, box
from samjax.errors import UserError, suggestion

NUMBERS = ("x", "y", "width", "height")
COLUMNS = ("image", "area", *NUMBERS)


def parse(text: str) -> list[Area]:
    """Return the areas of a CSV file's text.

    Raises:
        UserError: A column is missing or unknown, or a row holds no box.
    """
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True, strict=True)
    areas = []
    try:
        _check_columns([name.strip() for name in reader.fieldnames or ()])
        reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
        for row in reader:
            areas.append(_area(row, reader.line_num))
    except csv.Error as error:
        raise UserError(f"line {reader.line_num} is no CSV ({error})") from error
    return areas


def _check_columns(names: list[str]) -> None:
    """Raise UserError unless the columns are those of boxes."""
    missing = [name for name in COLUMNS[1:] if name not in names]
    if missing:
        raise UserError(f"lacks the column {', '.join(missing)}; it needs {','.join(COLUMNS)}")
    for name in names:
        if name not in COLUMNS:
            raise UserError(
                f"the column '{name}' is unknown{suggestion(name, COLUMNS)}; the columns are "
                f"{','.join(COLUMNS)}"
            )


def _area(row: dict[str | None, str | None], line: int) -> Area:
    """Return the box of a row."""
    if None in row or None in row.values():
        raise UserError(f"line {line} has another number of cells than the first line")
    cells = {name: (text or "").strip() for name, text in row.items()}
    if not cells["area"]:
        raise UserError(f"line {line} names no area")
    numbers = []
    for name in NUMBERS:
        try:
            numbers.append(float(cells[name]))
        except ValueError:
            raise UserError(f"line {line}: {name}={cells[name]!r} is no number") from None
    try:
        shape = box(*numbers)
    except UserError as error:
        raise UserError(f"line {line}: {error}") from error
    return Area(cells["area"], shape, cells.get("image") or None)

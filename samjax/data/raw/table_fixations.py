"""The fixations of a table: the rows of fixations.csv, kept as flat arrays."""

import math
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.data.raw.points import Points, make_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.table_images import ImageRow
from samjax.data.raw.table_text import Cells, parse_integer, parse_number, read_rows
from samjax.errors import UserError

# Type codes of the module `array`, which grows in place and holds 28 bytes per fixation in all.
COLUMN_TYPES = {"number": "q", "x": "f", "y": "f", "subject": "i", "duration_ms": "f", "order": "i"}


class TableFixations:
    """All fixations of a table as flat columns, grouped by image; within one, in file order."""

    def __init__(self, columns: dict[str, np.ndarray], images: int):
        """Group the rows.

        Args:
            columns: [N] for each name of COLUMN_TYPES, in file order; `number` is the image's.
            images: How many images there are; numbers are below it.
        """
        numbers = columns["number"]
        by_image = np.argsort(numbers, kind="stable")
        self.columns = {
            name: column[by_image] for name, column in columns.items() if name != "number"
        }
        # The fixations of image i are those from starts[i] to starts[i + 1].
        self.starts = np.searchsorted(numbers[by_image], np.arange(images + 1))

    def of_image(self, number: int) -> Points:
        """Return the fixations of an image by its row's number."""
        rows = slice(self.starts[number], self.starts[number + 1])
        x, y, subject, duration_ms, order = (
            self.columns[name][rows] for name in ("x", "y", "subject", "duration_ms", "order")
        )
        return make_points(np.stack([x, y], axis=-1), subject, duration_ms, order)


class _Fixation(NamedTuple):
    x: float
    y: float
    subject: int
    duration_ms: float
    order: int


def read_table_fixations(
    source: Path, rows: Sequence[ImageRow], left_out: set[str], errors: Problems
) -> tuple[TableFixations, int]:
    """Read fixations.csv.

    Args:
        source: The folder of the table.
        rows: The images that can be used, with their sizes.
        left_out: The names of images that cannot be used. Their fixations are no errors.
        errors: Where rows that cannot be used are added.

    Returns:
        The sound fixations of the rows, and how many were dropped with their images.
    """
    # Millions of rows as Python objects would need some hundred bytes each.
    columns = {name: array(code) for name, code in COLUMN_TYPES.items()}
    row_of = {row.name: row for row in rows}
    dropped = 0
    for where, cells in _fixation_rows(source):
        row = row_of.get(cells["image"])
        if row is not None:
            fixation = _fixation(cells, where, row, errors)
            if fixation is not None:
                columns["number"].append(row.number)
                for name, value in fixation._asdict().items():
                    columns[name].append(value)
        elif cells["image"] in left_out:
            dropped += 1
        else:
            errors.add("unknown image", where, f"'{cells['image']}' is not in images.csv")
    images = max((row.number + 1 for row in rows), default=0)
    arrays = {name: np.array(column) for name, column in columns.items()}
    return TableFixations(arrays, images), dropped


def _fixation(cells: Cells, where: str, row: ImageRow, errors: Problems) -> _Fixation | None:
    """Return a row of fixations.csv, or None if an error was added."""
    try:
        fixation = _Fixation(
            x=parse_number(cells, "x"),
            y=parse_number(cells, "y"),
            subject=parse_integer(cells, "subject"),
            duration_ms=parse_number(cells, "duration_ms", unknown=math.nan),
            order=parse_integer(cells, "order"),
        )
    except ValueError as error:
        errors.add("non-numeric value", where, str(error))
        return None
    # An integer is a pixel's centre, so the image reaches half a pixel beyond.
    x, y = fixation.x, fixation.y
    if not (-0.5 <= x < row.width - 0.5 and -0.5 <= y < row.height - 0.5):
        what = f"({x:g}, {y:g}) is outside '{row.name}' ({row.width} x {row.height})"
        errors.add("point outside its image", where, what)
        return None
    return fixation


def _fixation_rows(source: Path) -> Iterator[tuple[str, Cells]]:
    files = [source / name for name in ("fixations.csv", "fixations.csv.gz")]
    files = [file for file in files if file.is_file()]
    if len(files) == 2:
        raise UserError(f"{source} has fixations.csv and fixations.csv.gz; keep one of them")
    if files:
        yield from read_rows(files[0], required=("image", "x", "y"))
    elif not (source / "densities").is_dir():
        raise UserError(f"{source} has neither fixations.csv(.gz) nor densities/")

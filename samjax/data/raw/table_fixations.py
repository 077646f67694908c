"""The fixations of a table: the rows of fixations.csv, kept as flat arrays."""

import math
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.data.raw.cells import parse_integer, parse_number
from samjax.data.raw.names import Names
from samjax.data.raw.plausibility import GazeStatistics, measure
from samjax.data.raw.points import Points, make_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.repeated_rows import repeated_rows
from samjax.data.raw.subjects import number_subjects, subject_text
from samjax.data.raw.table_images import ImageRow
from samjax.data.raw.table_text import Columns, Row, read_rows
from samjax.data.raw.units import PIXELS, Units

# Type codes of the module `array`, which grows in place and holds 28 bytes per fixation in all.
COLUMN_TYPES = {"number": "q", "x": "f", "y": "f", "subject": "i", "duration_ms": "f", "order": "i"}
COLUMNS = Columns(
    ("image", "x", "y"), ("subject", "duration_ms", "order"), ("x", "y", "duration_ms", "order")
)


class TableFixations:
    """All fixations of a table as flat columns, grouped by image; within one, in file order."""

    def __init__(self, columns: dict[str, np.ndarray], images: int) -> None:
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


class FixationRows(NamedTuple):
    """The sound rows of fixations.csv, and what is known of all.

    There are: how many rows were left out with their images, the numbers of subjects by their
    texts, and statistics with the fixations outside their images.
    """

    fixations: TableFixations
    dropped: int
    subjects: dict[str, int]
    gaze: GazeStatistics


# Of a few subjects there are millions of rows.
_subject = cache(subject_text)


class _Fixation(NamedTuple):
    """A row of fixations.csv whose image is known; the subject is the number of its text."""

    x: float
    y: float
    subject: int
    duration_ms: float
    order: int


class FixationReader:
    """The rows of fixations.csv on their way into flat columns.

    Args:
        rows: The images that can be used, with their sizes.
        left_out: The names of images that cannot be used. Their fixations are no errors.
        units: What the numbers mean.
        errors: Where rows that cannot be used are added.
        warnings: Where columns that are not read, and rows that repeat, are added.
    """

    def __init__(
        self,
        rows: Sequence[ImageRow],
        left_out: set[str],
        units: Units,
        errors: Problems,
        warnings: Problems,
    ) -> None:
        """Begin with no fixation."""
        self._rows, self._left_out, self._units = rows, left_out, units
        self._errors, self._warnings = errors, warnings
        self._row_of = {row.name: row for row in rows}
        self._names = Names([*self._row_of, *left_out])
        self._named: dict[str, str] = {}  # what texts in the file stand for
        # Millions of rows as Python objects would need some hundred bytes each.
        self._columns = {name: array(code) for name, code in COLUMN_TYPES.items()}
        self._append: list[Callable] = [column.append for column in self._columns.values()]
        self._subjects: dict[str, int] = {}
        self._gaze = GazeStatistics()
        self._dropped = 0

    def read(self, file: Path | None) -> FixationRows:
        """Return the rows of the file; None stands for a file without rows."""

        def unread(column: str) -> None:
            self._warnings.add("column not read", str(file), f"it has a column {column}")

        if file is not None:
            for line in read_rows(file, COLUMNS, unread):
                self._add(line)
        columns = {name: np.array(column) for name, column in self._columns.items()}
        numbers = number_subjects(self._subjects)
        # From the texts in the order in which they came to their numbers.
        by_text = np.array([numbers[text] for text in self._subjects] or [-1], np.int32)
        columns["subject"] = by_text[columns["subject"]]
        if file is not None:
            columns = self._without_repeats(columns, file)
        fixations = TableFixations(columns, max((r.number + 1 for r in self._rows), default=0))
        for row in self._rows:
            self._gaze.include(measure(fixations.of_image(row.number), row.height, row.width))
        return FixationRows(fixations, self._dropped, numbers, self._gaze)

    def _add(self, line: Row) -> None:
        text = line.cells["image"]
        if text not in self._named:
            fitting = self._names.find(text)
            self._named[text] = fitting[0] if len(fitting) == 1 else ""
        name = self._named[text]
        if name in self._row_of:
            row = self._row_of[name]
            fixation = self._parse(line, row)
            if fixation is not None:
                for append, value in zip(self._append, (row.number, *fixation), strict=True):
                    append(value)
        elif name in self._left_out and name:
            self._dropped += 1
        else:
            several = self._names.find(text)
            what = f"may be any of {', '.join(several)}" if several else "is not in images.csv"
            self._errors.add("unknown image", line.where, f"'{text}' {what}")

    def _parse(self, line: Row, row: ImageRow) -> _Fixation | None:
        """Return a row of fixations.csv, or None if an error was added."""
        try:
            if line.excess:
                raise ValueError(f"'{line.excess}' stands beyond the header's columns")
            x, y = parse_number(line.cells, "x"), parse_number(line.cells, "y")
            duration_ms = parse_number(line.cells, "duration_ms", unknown=math.nan)
            order = parse_integer(line.cells, "order")
            subject = _subject(line.cells.get("subject") or "")
        except ValueError as error:
            self._errors.add("non-numeric value", line.where, str(error))
            return None
        if duration_ms < 0:
            self._errors.add("negative duration", line.where, f"duration_ms is {duration_ms:g}")
            return None
        if self._units.positions not in ("", PIXELS):
            x, y = self._units.to_pixels(np.array([[x, y]]), row.height, row.width)[0].tolist()
        # An integer is a pixel's centre, so the image reaches half a pixel beyond.
        if not (-0.5 <= x < row.width - 0.5 and -0.5 <= y < row.height - 0.5):
            what = f"({x:g}, {y:g}) is outside '{row.name}' ({row.width} x {row.height})"
            if x == row.width or y == row.height:
                what += "; if positions count from 1, give --units=one-based"
            self._errors.add("point outside its image", line.where, what)
            self._gaze.fixations += 1
            self._gaze.outside += 1
            turned = -0.5 <= x < row.height - 0.5 and -0.5 <= y < row.width - 0.5
            self._gaze.outside_turned += not turned
            return None
        number = self._subjects.setdefault(subject, len(self._subjects))
        return _Fixation(x, y, number, duration_ms * self._units.ms, order)

    def _without_repeats(self, columns: dict[str, np.ndarray], file: Path) -> dict:
        """Return the columns without rows that are there twice for certain, which are errors.

        One subject makes one fixation of a number on an image. Without these two, equal rows are
        counted, and kept.
        """
        certain = repeated_rows([*columns.values()])
        certain &= (columns["subject"] >= 0) & (columns["order"] >= 0)
        for i in np.flatnonzero(certain).tolist():
            name = self._rows[columns["number"][i]].name
            what = f"({columns['x'][i]:g}, {columns['y'][i]:g}) on '{name}' is there twice"
            self._errors.add("repeated row", str(file), f"{what}, in all columns")
        return {name: column[~certain] for name, column in columns.items()}

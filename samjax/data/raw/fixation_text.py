"""Fixations of one image from a text file: a table with a header, or columns of numbers."""

import io
import math
import re
from collections.abc import Mapping

import numpy as np

from samjax.data.raw.cells import NUMBER, DecimalMark, parse_integer, parse_number
from samjax.data.raw.points import Points, make_points
from samjax.data.raw.problems import Problem
from samjax.data.raw.subjects import UNKNOWN, number_subjects, subject_text
from samjax.data.raw.table_text import Columns, parse_rows
from samjax.data.raw.text_file import read_lines

COLUMNS = Columns(
    ("x", "y"), ("subject", "duration_ms", "order"), ("x", "y", "duration_ms", "order")
)
MAX_ROWS = 1_000_000
COMMENT = ("#", "%")


def read_headed(
    data: bytes, name: str, subjects: Mapping[str, int]
) -> tuple[Points, tuple[Problem, ...]]:
    """Return the fixations of a table with a header, as they stand there, and warnings.

    Args:
        data: The file.
        name: What it is called in messages.
        subjects: {text: number} of subjects; whole numbers need not be there.

    Raises:
        ValueError: A cell is no number; the message names its line.
        UserError: The table cannot be read at all.
    """
    unread: list[str] = []
    xy: list[tuple[float, float]] = []
    rows: list[tuple[float, float, float]] = []
    for row in parse_rows(lambda: io.BytesIO(data), name, COLUMNS, unread.append):
        if len(rows) == MAX_ROWS:
            raise ValueError(f"it has more than {MAX_ROWS:,} rows, too many for one image")
        try:
            if row.excess:
                raise ValueError(f"'{row.excess}' stands beyond the header's columns")
            xy.append((parse_number(row.cells, "x"), parse_number(row.cells, "y")))
            text = subject_text(row.cells.get("subject"))
            subject = subjects.get(text)
            if subject is None:
                subject = number_subjects([text]).get(text, UNKNOWN)
            duration = parse_number(row.cells, "duration_ms", math.nan)
            rows.append((subject, duration, parse_integer(row.cells, "order")))
        except ValueError as error:
            raise ValueError(f"line {row.line}: {error}") from error
    warnings = [Problem("column not read", name, f"it has a column {c}") for c in unread]
    if any(duration < 0 for _, duration, _ in rows):
        warnings.append(Problem("negative duration", name, "taken as unknown"))
    columns = np.array(rows, np.float64).reshape(-1, 3)
    duration_ms = np.where(columns[:, 1] < 0, math.nan, columns[:, 1])
    return make_points(xy, columns[:, 0], duration_ms, columns[:, 2]), tuple(warnings)


def subjects_of(data: bytes, name: str) -> set[str]:
    """Return what `subject_text` says of the rows of a table with a header."""
    rows = parse_rows(lambda: io.BytesIO(data), name, COLUMNS)
    return {subject_text(row.cells.get("subject")) for row in rows}


def read_columns(data: bytes, name: str) -> np.ndarray:
    """Return the first two columns of a text without a header, float64 [N, 2].

    Raises:
        ValueError: There are fewer columns, a cell is no number, or the first column counts lines.
    """
    mark = DecimalMark(name)
    rows: list[list[float]] = []
    for number, line in enumerate(read_lines(lambda: io.BytesIO(data), name), 1):
        line = line.strip()
        if not line or line.startswith(COMMENT):
            continue
        if len(rows) == MAX_ROWS:
            raise ValueError(f"it has more than {MAX_ROWS:,} lines, too many for one image")
        cells = _cells(line)
        if len(cells) < 2:
            raise ValueError(f"line {number} has one column, not N x 2")
        cells = [mark.to_point(cell) for cell in cells]
        wrong = [cell for cell in cells[:2] if not NUMBER.fullmatch(cell)]
        if wrong:
            raise ValueError(f"line {number}: '{wrong[0]}' is not a number")
        rows.append([float(cell) for cell in cells[:2]] + [float(len(cells))])
    mark.check()
    columns = np.array(rows, np.float64).reshape(-1, 3)
    if len(set(columns[:, 2])) > 1:
        raise ValueError("its lines have different numbers of columns")
    first = columns[:, 0]
    if len(rows) > 2 and columns[0, 2] > 2 and (np.diff(first) == 1).all() and first[0] in (0, 1):
        raise ValueError("its first column counts the lines; keep x and y alone")
    return columns[:, :2]


def _cells(line: str) -> list[str]:
    """Return the cells of a line that are separated by the first of ; tab and comma, or blanks."""
    for separator in (";", "\t"):
        if separator in line:
            return [cell.strip() for cell in line.split(separator)]
    # "10,5 20,25" has decimal commas, "10, 20" and "10,20" have none.
    if "," in line and not re.search(r"[0-9]\s+[-+0-9.]", line):
        return [cell.strip() for cell in line.split(",")]
    return line.split()

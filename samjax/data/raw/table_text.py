"""The text of a table: rows of CSV files as cells, and cells as numbers."""

import csv
import gzip
import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from samjax.errors import UserError

Cells = dict[str, str]
"""{column: text} of a row."""


def read_rows(path: Path, required: Sequence[str]) -> Iterator[tuple[str, Cells]]:
    """Yield ('FILE line N', cells) for each row that is not empty; cells are stripped of blanks.

    Args:
        path: A CSV file in UTF-8 with a header; compressed if its name ends in .gz.
        required: Columns that the header must have. Their cells are "" in rows that are cut short.

    Raises:
        UserError: A required column is missing, or the file is damaged.
    """
    with _as_user_error(path), _open_text(path) as lines:
        reader = csv.reader(lines)
        header = [cell.strip() for cell in next(reader, [])]
        missing = [name for name in required if name not in header]
        if missing:
            raise UserError(f"{path} lacks the column {missing[0]}; it has {', '.join(header)}")
        for row in reader:
            if row:
                cells = dict(zip(header, map(str.strip, row), strict=False))
                for name in required:
                    cells.setdefault(name, "")
                yield f"{path} line {reader.line_num}", cells


def parse_size(cells: Cells, height: str, width: str) -> tuple[int, int] | None:
    """Return (height, width) from the two columns of these names; None where both are empty.

    Raises:
        ValueError: A cell is not a positive whole number.
    """
    texts = {name: cells.get(name) or "" for name in (height, width)}
    if not any(texts.values()):
        return None
    for name, text in texts.items():
        if not text.isascii() or not text.isdigit() or not int(text):
            raise ValueError(f"{name} '{text}'")
    return int(texts[height]), int(texts[width])


def parse_number(cells: Cells, name: str, unknown: float | None = None) -> float:
    """Return a cell as a finite number, or `unknown`, if one is given, where it is empty or nan.

    Raises:
        ValueError: The cell is something else.
    """
    text = cells.get(name) or ""
    if unknown is not None and text.lower() in ("", "nan"):
        return unknown
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{name} '{text}' is not a number")
    return value


def parse_integer(cells: Cells, name: str) -> int:
    """Return a cell as a number that fits int32; -1 where it is empty or its column is missing.

    Raises:
        ValueError: The cell is something else.
    """
    value = parse_number(cells, name, unknown=-1)
    if value != int(value) or abs(value) >= 2**31:
        raise ValueError(f"{name} '{cells[name]}' is not a whole number")
    return int(value)


def _open_text(path: Path) -> TextIO:
    # utf-8-sig, because spreadsheets put a byte order mark before the header.
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return open(path, encoding="utf-8-sig", newline="")


@contextmanager
def _as_user_error(path: Path) -> Iterator[None]:
    try:
        yield
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path} cannot be read as a table in UTF-8 ({error})") from error

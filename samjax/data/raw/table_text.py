"""The text of a table: rows of CSV files as cells, and cells as numbers."""

import csv
import gzip
import math
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from samjax.errors import UserError


def records(path: Path, required: Sequence[str]) -> Iterator[tuple[str, dict]]:
    """('FILE line N', cells by column name, stripped) for each row that is not empty."""
    with _readable(path), _open_text(path) as lines:
        reader = csv.reader(lines)
        header = [cell.strip() for cell in next(reader, [])]
        missing = [name for name in required if name not in header]
        if missing:
            raise UserError(f"{path} lacks the column {missing[0]}; it has {', '.join(header)}")
        for cells in reader:
            if cells:
                record = dict(zip(header, map(str.strip, cells), strict=False))
                record |= {name: "" for name in required if name not in record}
                yield f"{path} line {reader.line_num}", record


def size(cells: dict, *names: str) -> tuple[int, int] | None:
    """Two whole positive numbers; None where both cells are empty; ValueError otherwise."""
    texts = [cells.get(name) or "" for name in names]
    if not any(texts):
        return None
    for name, text in zip(names, texts, strict=True):
        if not text.isascii() or not text.isdigit() or not int(text):
            raise ValueError(f"{name} '{text}'")
    return int(texts[0]), int(texts[1])


def number(cells: dict, name: str, unknown: float | None = None) -> float:
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


def whole(cells: dict, name: str) -> int:
    """An int32 cell; -1 where it is empty or its column is missing."""
    value = number(cells, name, unknown=-1)
    if value != int(value) or abs(value) >= 2**31:
        raise ValueError(f"{name} '{cells[name]}' is not a whole number")
    return int(value)


def _open_text(path: Path):
    open_file = gzip.open if path.suffix == ".gz" else open
    return open_file(path, "rt", encoding="utf-8-sig", newline="")


@contextmanager
def _readable(path: Path):
    try:
        yield
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path} cannot be read as a table in UTF-8 ({error})") from error

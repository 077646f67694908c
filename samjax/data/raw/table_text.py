"""The text of a table: rows of CSV files as cells, in the dialects that programs write.

Cells are separated by commas, semicolons, tabs or bars; a first line `sep=;`, as Excel knows it, is
passed over. Names of columns may be in capitals. Numbers may have a decimal comma where cells are
separated by something else.
"""

import csv
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from samjax.data.raw.bounded import BoundedStream, expansion_limit
from samjax.data.raw.cells import Cells, DecimalMark
from samjax.data.raw.text_file import read_lines
from samjax.errors import UserError, one_line

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
GZIP_SIGNATURE = b"\x1f\x8b"
MAX_NAME, MAX_LISTED = 60, 500  # characters of a column's name, and of all, in messages
DAMAGES = (csv.Error, EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)


class Columns(NamedTuple):
    """The columns that a table is read for.

    Attributes:
        required: Those that the header must have.
        optional: Those that it may have.
        numeric: Those of both that hold numbers.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        name: Of the file.
        line: The number of its line, from 1.
        cells: {column: text}, stripped of blanks; required columns are "" where a row is short.
        excess: What stands in cells beyond the header's, or "".
    """

    name: str
    line: int
    cells: Cells
    excess: str = ""

    @property
    def where(self) -> str:
        """Return 'FILE line N'."""
        return f"{self.name} line {self.line}"


def read_rows(
    path: Path, columns: Columns, unread: Callable[[str], None] | None = None
) -> Iterator[Row]:
    """Yield the rows of a file that are not empty.

    Args:
        path: A CSV file; it may be compressed by gzip, whatever its name ends in.
        columns: What is read.
        unread: Called with the name of each column that is not.

    Raises:
        UserError: A required column is missing or there twice, or the file is damaged.
    """
    with open(path, "rb") as file:
        compressed = file.read(2) == GZIP_SIGNATURE
    if path.suffix == ".gz" and not compressed:
        raise UserError(f"{path} cannot be read as a table (it is not compressed by gzip)")

    def open_file() -> BinaryIO:
        if not compressed:
            return open(path, "rb")
        unpacked = cast(BinaryIO, gzip.GzipFile(path))
        limit = expansion_limit(path.stat().st_size)
        return cast(BinaryIO, BoundedStream(unpacked, limit, str(path)))

    yield from parse_rows(open_file, str(path), columns, unread)


def parse_rows(
    open_file: Callable[[], BinaryIO],
    name: str,
    columns: Columns,
    unread: Callable[[str], None] | None = None,
) -> Iterator[Row]:
    """Yield the rows of a table that `open_file` opens anew with each call; see `read_rows`."""
    try:
        lines = read_lines(open_file, name)
        skipped, separator, header = _header(lines, columns)
        _check_header(header, columns, name)
        for column in header:
            if column and column not in (*columns.required, *columns.optional) and unread:
                unread(column[:MAX_NAME])
        reader = csv.reader(lines, delimiter=separator)
        mark = DecimalMark(name)
        for cells in reader:
            if any(cells):
                row = _cells(header, cells, columns, mark if separator != "," else None)
                more = cells[len(header) :] if len(cells) > len(header) else ()
                yield Row(name, reader.line_num + skipped, row, " ".join(more).strip())
        mark.check()
    except DAMAGES as error:
        raise UserError(f"{name} cannot be read as a table ({one_line(error)})") from error


def _header(lines: Iterator[str], columns: Columns) -> tuple[int, str, list[str]]:
    """Return how many lines the header takes, what separates cells, and the names of columns."""
    first, skipped = next(lines, ""), 1
    stated = SEPARATOR_LINE.fullmatch(first.strip(" \r\n,;\t"))
    if first.lower().startswith(("sep=", '"sep=')):
        # What is stated counts, but the next line shows as well what separates its cells.
        first, skipped = next(lines, ""), 2
    candidates = (stated.group(1), *SEPARATORS) if stated else SEPARATORS
    split = {mark: _names(first, mark) for mark in candidates}
    for mark, names in split.items():
        if set(columns.required) <= set(names):
            return skipped, mark, names
    most = max(split, key=lambda mark: len(split[mark]))
    return skipped, most, split[most]


def _names(line: str, separator: str) -> list[str]:
    """Return the names of columns in a header, in small letters and without blanks."""
    cells = next(csv.reader([line], delimiter=separator), [])
    return [re.sub(r"[\s-]+", "_", cell.strip().lstrip("\ufeff").lower()) for cell in cells]


def _check_header(header: Sequence[str], columns: Columns, name: str) -> None:
    for column in columns.required:
        if column not in header:
            listed = ", ".join(cell[:MAX_NAME] for cell in header if cell) or "none"
            raise UserError(f"{name} lacks the column {column}; it has {listed[:MAX_LISTED]}")
    for column in (*columns.required, *columns.optional):
        if header.count(column) > 1:
            raise UserError(f"{name} has {header.count(column)} columns {column}; keep one")


def _cells(
    header: Sequence[str], texts: Sequence[str], columns: Columns, mark: DecimalMark | None
) -> Cells:
    """Return {column: text} of a row."""
    cells = dict(zip(header, map(str.strip, texts), strict=False))
    if len(texts) < len(header):
        for name in columns.required:
            cells.setdefault(name, "")
    if mark is not None:
        for name in columns.numeric:
            if name in cells:
                cells[name] = mark.to_point(cells[name])
    return cells

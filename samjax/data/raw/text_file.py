"""Text as other programs write it: several encodings and line ends, and lines of bounded length."""

import codecs
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from samjax.console.log import log
from samjax.errors import UserError

MAX_LINE = 2**20
"""Characters in a line; a file without line ends is no table."""
BLOCK = 2**20
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks at the start of a file, longer ones before those that they begin with."""
WINDOWS = "cp1252"


def read_lines(open_file: Callable[[], BinaryIO], name: str) -> Iterator[str]:
    r"""Yield the lines of a text file, each with "\n" at its end.

    The text is UTF-8, UTF-16 or UTF-32, with or without a byte order mark, or Windows-1252, of
    which a warning tells. Lines end with a line feed, a carriage return, or both.

    Args:
        open_file: Opens the file anew with each call.
        name: What it is called in messages.

    Raises:
        UserError: It is no text, or has a line that never ends.
    """
    with open_file() as file:
        encoding = _encoding(file, name)
    try:
        with open_file() as file, io.TextIOWrapper(file, encoding, newline=None) as text:
            number = 0
            while line := text.readline(MAX_LINE):
                number += 1
                if not line.endswith("\n") and len(line) == MAX_LINE:
                    raise UserError(f"{name} line {number} is longer than {MAX_LINE:,} characters")
                if "\0" in line:
                    raise UserError(
                        f"{name} line {number} has zero bytes in it: the file is damaged; get it "
                        "again"
                    )
                yield line
    except UnicodeError as error:
        raise UserError(
            f"{name} is text neither in UTF-8 nor in UTF-16 or Windows-1252; save it as UTF-8"
        ) from error


def _encoding(file: BinaryIO, name: str) -> str:
    """Return the encoding of a text; the whole of it is read if it has no byte order mark."""
    start = file.read(BLOCK)
    for mark, encoding in MARKS.items():
        if start.startswith(mark):
            return encoding
    # Latin letters in UTF-16 have a zero in every other byte.
    zeros = [start[parity:2000:2].count(0) for parity in (0, 1)]
    if max(zeros) > len(start[:2000]) // 4 and min(zeros) < max(zeros) // 4:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        block = start
        while block:
            decoder.decode(block)
            block = file.read(BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        # Spreadsheets in Europe and America write it; names of files show whether it is right.
        log(f"warning: {name} is not in UTF-8; it is read as Windows-1252")
        return WINDOWS
    return "utf-8"

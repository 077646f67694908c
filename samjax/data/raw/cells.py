"""Cells of a table as numbers."""

import math
import re

from samjax.errors import UserError

Cells = dict[str, str]
"""{column: text} of a row."""

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""What counts as a number. Python's float would take 1_0 and the digits of every script, too."""

UNKNOWN = frozenset(("", "nan", ".", "na", "n/a", "null", "none", "-"))
"""How programs write that a value is missing, in small letters."""

DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")
LIKE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


def is_unknown(text: str) -> bool:
    """Return whether a cell says that its value is missing."""
    return text.lower() in UNKNOWN


def parse_size(cells: Cells, height: str, width: str) -> tuple[int, int] | None:
    """Return (height, width) from the two columns of these names; None where both are empty.

    Raises:
        ValueError: A cell is not a positive whole number below a million.
    """
    texts = {name: cells.get(name) or "" for name in (height, width)}
    if not any(texts.values()):
        return None
    for name, text in texts.items():
        if not text.isascii() or not text.isdigit() or len(text) > 6 or not int(text):
            raise ValueError(f"{name} '{text}'")
    return int(texts[height]), int(texts[width])


def parse_number(cells: Cells, name: str, unknown: float | None = None) -> float:
    """Return a cell as a finite number, or `unknown`, if one is given, where its value is missing.

    Raises:
        ValueError: The cell is something else.
    """
    text = cells.get(name) or ""
    if NUMBER.fullmatch(text):
        value = float(text)
        if math.isfinite(value):
            return value
    elif unknown is not None and is_unknown(text):
        return unknown
    raise ValueError(f"{name} '{text}' is not a number")


def parse_integer(cells: Cells, name: str) -> int:
    """Return a cell as a number that fits int32; -1 where its value or its column is missing.

    Raises:
        ValueError: The cell is something else.
    """
    value = parse_number(cells, name, unknown=-1)
    if value != int(value) or abs(value) >= 2**31:
        raise ValueError(f"{name} '{cells[name]}' is not a whole number")
    return int(value)


class DecimalMark:
    """The decimal mark of a file whose cells are not separated by commas; a comma becomes a point.

    A comma may mark thousands, too. It is known to mark decimals once a number has other than three
    digits behind it, or if every number has one.

    Args:
        name: What the file is called in messages.
    """

    def __init__(self, name: str) -> None:
        """Begin with no number met."""
        self._name = name
        self._commas = self._certain = self._points = self._plain = 0

    def to_point(self, text: str) -> str:
        """Return the text of a number with a decimal point.

        Raises:
            UserError: The file has decimal points and decimal commas.
        """
        if DECIMAL_COMMA.fullmatch(text):
            self._commas += 1
            self._certain += not LIKE_THOUSANDS.fullmatch(text)
            text = text.replace(",", ".")
        elif "." in text and NUMBER.fullmatch(text):
            self._points += 1
        elif NUMBER.fullmatch(text):
            self._plain += 1
        if self._commas and self._points:
            raise UserError(
                f"{self._name} has numbers with commas and numbers with points; write all of them "
                "with decimal points"
            )
        return text

    def check(self) -> None:
        """Raise UserError if the commas of the whole file may as well mark thousands."""
        if self._commas and not self._certain and self._plain:
            raise UserError(
                f"{self._name} has numbers such as 1,024, which may be a thousand or one; write "
                "all of them with decimal points and without marks of thousands"
            )

"""What one field of a configuration may be: a name, a switch, a number in a range, a text.

Each kind says whether a value `fits`, and in `allowed` what fits, in words for people. Types are
exact: True is no number, and "3" is none either. `composed_checks` has the kinds with parts.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from samjax.errors import UserError, listed, suggestion

SHOWN = 60
"""Characters of a value that a message shows at most."""

LONGEST_TEXT = 2000
"""Characters of a text; paths and addresses are shorter."""


class FieldCheck(Protocol):
    """What a field may be."""

    def fits(self, value: Any) -> bool:
        """Return whether the field may have this value, of whatever type."""
        ...

    @property
    def allowed(self) -> str:
        """What fits, to be read behind "use"."""
        ...


@dataclass(frozen=True)
class Choice:
    """One of a few names."""

    names: tuple[str, ...]

    def fits(self, value: Any) -> bool:
        """Return whether the value is one of the names."""
        return isinstance(value, str) and value in self.names

    @property
    def allowed(self) -> str:
        """The names."""
        return listed(self.names)


@dataclass(frozen=True)
class Switch:
    """True or False."""

    def fits(self, value: Any) -> bool:
        """Return whether the value is a bool."""
        return isinstance(value, bool)

    @property
    def allowed(self) -> str:
        """Both values."""
        return "True or False"


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, both included.

    Attributes:
        low: The smallest.
        high: The largest.
        multiple_of: A number that divides it.
        or_none: Whether the field may be None.
    """

    low: int
    high: int
    multiple_of: int = 1
    or_none: bool = False

    def fits(self, value: Any) -> bool:
        """Return whether the value is such a number."""
        if value is None:
            return self.or_none
        # `type` and not `isinstance`, because True is an int.
        return (
            type(value) is int and self.low <= value <= self.high and value % self.multiple_of == 0
        )

    @property
    def allowed(self) -> str:
        """The range."""
        what = f"multiple of {self.multiple_of}" if self.multiple_of > 1 else "whole number"
        return f"a {what} from {self.low:,} to {self.high:,}" + (" or None" * self.or_none)


@dataclass(frozen=True)
class Number:
    """A finite number in a range.

    Attributes:
        low: The lower end of the range.
        high: The upper end.
        above: Whether `low` itself is excluded.
        below: Whether `high` itself is excluded.
        why: What the range comes from, where that is not plain.
    """

    low: float
    high: float
    above: bool = False
    below: bool = False
    why: str = ""

    def fits(self, value: Any) -> bool:
        """Return whether the value is an int or a float in the range; nan is in none."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        lower = value > self.low if self.above else value >= self.low
        upper = value < self.high if self.below else value <= self.high
        return lower and upper and math.isfinite(value)

    @property
    def allowed(self) -> str:
        """The range."""
        lower = f"above {self.low:g}" if self.above else f"from {self.low:g}"
        to = "and up to" if self.above else "to"
        upper = f"{to} below {self.high:g}" if self.below else f"{to} {self.high:g}"
        return f"a number {lower} {upper}" + (f", {self.why}" if self.why else "")


@dataclass(frozen=True)
class Text:
    """A text in one line, which may be empty only if `or_empty` says so."""

    what: str
    or_empty: bool = False

    def fits(self, value: Any) -> bool:
        """Return whether the value is such a text."""
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            return False
        return value.isprintable() and (bool(value.strip()) or (self.or_empty and not value))

    @property
    def allowed(self) -> str:
        """What the text names."""
        return f"{self.what}, or '' for none" if self.or_empty else self.what


def shown(value: Any) -> str:
    """Return a value as a message shows it: in one line, cut where it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def explain(field: str, value: Any, check: FieldCheck) -> UserError:
    """Return the error that says that a field may not have this value, and what it may have."""
    known: Iterable[str] = check.names if isinstance(check, Choice) else ()
    hint = suggestion(value, known)
    return UserError(f"{field}={shown(value)} is not allowed{hint}; use {check.allowed}")

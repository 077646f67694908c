"""What a field of a configuration may be that has parts: a tuple, or the names of datasets.

A list is no tuple: what a configuration holds must be what its `config.json` gives back.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from samjax.data.mixture import parse_mixture
from samjax.errors import UserError
from samjax.training.field_checks import LONGEST_TEXT, FieldCheck


@dataclass(frozen=True)
class Datasets:
    """The names of datasets, with weights if they are drawn from."""

    weighted: bool

    def fits(self, value: Any) -> bool:
        """Return whether the value is such a text."""
        if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_TEXT:
            return False
        try:
            parse_mixture(value)
        except UserError:
            return False
        return self.weighted or ":" not in value

    @property
    def allowed(self) -> str:
        """What the text looks like."""
        if self.weighted:
            return "names of different datasets, with weights above 0 if several: osie:1,scene:.5"
        return "names of different datasets, without weights: osie,scene"


@dataclass(frozen=True)
class Items:
    """A tuple.

    Attributes:
        item: What each of its items may be.
        shortest: The fewest items.
        longest: The most items.
        rising: Whether each item must be above the one before it.
        not_falling: Whether no item may be below the one before it.
        distinct: Whether no item may come twice.
        example: A tuple that fits, as it is written.
    """

    item: FieldCheck
    shortest: int
    longest: int
    rising: bool = False
    not_falling: bool = False
    distinct: bool = False
    example: str = "()"

    def fits(self, value: Any) -> bool:
        """Return whether the value is such a tuple."""
        if not isinstance(value, tuple) or not self.shortest <= len(value) <= self.longest:
            return False
        if not all(self.item.fits(item) for item in value):
            return False
        if self.rising and not all(a < b for a, b in pairwise(value)):
            return False
        if self.not_falling and not all(a <= b for a, b in pairwise(value)):
            return False
        return not self.distinct or len(set(value)) == len(value)

    @property
    def allowed(self) -> str:
        """How many items of which kind, with an example."""
        return f"{self._what()}, such as {self.example}"

    def _what(self) -> str:
        """Return how many items of which kind."""
        number = self.longest if self.shortest == self.longest else f"up to {self.longest:,}"
        item = self.item._what() if isinstance(self.item, Items) else self.item.allowed
        how = ", each above the last" if self.rising else ""
        how += ", the second not below the first" if self.not_falling else ""
        how += ", all different" if self.distinct else ""
        return f"a tuple of {number} items, each {item}{how}"

"""Conditions on areas, such as 'cta < 0.10' or 'cta drops 0.02', on which a comparison fails."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from samjax.analysis.comparison import AreaDifference
from samjax.errors import UserError, suggestion

PATTERN = re.compile(
    r"(?P<area>.+?)(?:\s*(?P<sign>[<>])\s*|\s+(?P<word>drops|rises)(?:\s+by)?\s+)"
    r"(?P<value>\d+\.?\d*|\.\d+)\s*(?P<percent>%?)"
)


class Condition(NamedTuple):
    """When a comparison fails.

    Attributes:
        area: The name of an area.
        kind: "<" and ">": its share after is below or above the value; "drops" and "rises": its
            share changes by more than the value, as the difference of two shares.
        value: 0 to 1.
        text: As it was written.
    """

    area: str
    kind: str
    value: float
    text: str

    def is_met(self, found: AreaDifference) -> bool:
        """Return whether what was found of the area makes the comparison fail."""
        return {
            "<": found.after < self.value,
            ">": found.after > self.value,
            "drops": -found.difference > self.value,
            "rises": found.difference > self.value,
        }[self.kind]

    def reason(self, found: AreaDifference) -> str:
        """Return why the comparison fails, in a sentence."""
        interval = "" if found.low != found.low else f" [{found.low:+.4f}, {found.high:+.4f}]"
        return (
            f"{self.text}: '{found.name}' gets {found.after:.4f} of the attention, "
            f"{found.before:.4f} before, difference {found.difference:+.4f}{interval}"
        )


def parse_condition(text: str) -> Condition:
    """Return a condition of its text: NAME < 0.10, NAME > 0.5, NAME drops 0.02, NAME rises 2%.

    Raises:
        UserError: It is of another form, or its value is more than 1.
    """
    match = PATTERN.fullmatch(text.strip())
    if not match:
        raise UserError(
            f"{text!r} is no condition; write 'NAME < 0.10', 'NAME > 0.10', 'NAME drops 0.02' or "
            "'NAME rises 0.02'"
        )
    value = float(match["value"]) / (100 if match["percent"] else 1)
    if value > 1:
        raise UserError(f"{text!r}: shares are from 0 to 1; write {match['value']}% for per cent")
    return Condition(match["area"].strip(), match["sign"] or match["word"], value, text.strip())


def reasons(
    conditions: Iterable[Condition], picture: Path, found: Iterable[AreaDifference]
) -> list[str]:
    """Return a sentence for each condition that an area of a picture meets.

    Args:
        conditions: What to look for.
        picture: The second version.
        found: Its areas.
    """
    areas = list(found)
    return [
        f"{picture}: {condition.reason(area)}"
        for condition in conditions
        for area in areas
        if area.name == condition.area and condition.is_met(area)
    ]


def check_areas(conditions: Iterable[Condition], names: Iterable[str]) -> None:
    """Raise UserError for a condition on what is no area."""
    known = list(dict.fromkeys(names))
    for condition in conditions:
        if condition.area not in known:
            raise UserError(
                f"{condition.text!r}: there is no area '{condition.area}'"
                f"{suggestion(condition.area, known)}; the areas are {', '.join(known) or 'none'}"
            )

"""Subjects of a table: numbers as they are, names numbered."""

import re
from collections.abc import Iterable

from samjax.data.raw.cells import NUMBER, is_unknown

UNKNOWN = -1


def subject_text(text: str | None) -> str:
    """Return what identifies a subject in a cell: a whole number in its shortest form, or a name.

    Returns:
        "" where the subject is unknown.

    Raises:
        ValueError: The cell is a number, but not a whole one.
    """
    text = (text or "").strip()
    if is_unknown(text):
        return ""
    if NUMBER.fullmatch(text) and len(text) < 40:
        value = float(text)
        if value != value // 1:
            raise ValueError(f"subject '{text}' is not a whole number")
        # Through int, because a float has no room for long numbers.
        return str(int(text)) if text.lstrip("+-").isdigit() else str(int(value))
    return text


def number_subjects(texts: Iterable[str]) -> dict[str, int]:
    """Return {text: number} for what `subject_text` returned.

    Whole numbers that fit int32 stay as they are, if all of them are such. Otherwise there are
    names among them, and all are numbered from 0: S2 before S10.
    """
    known = sorted(set(texts) - {""}, key=_natural)
    if all(re.fullmatch(r"-?\d+", text) and abs(int(text)) < 2**31 for text in known):
        numbers = {text: max(int(text), UNKNOWN) for text in known}
    else:
        numbers = {text: number for number, text in enumerate(known)}
    return numbers | {"": UNKNOWN}


def are_names(numbers: dict[str, int]) -> bool:
    """Return whether subjects had to be numbered, so that a reader must be told who is who."""
    return any(text != str(number) for text, number in numbers.items() if text and number >= 0)


def _natural(text: str) -> list[tuple[bool, int, str]]:
    """Return a key that sorts numbers within texts by their value."""
    parts = re.findall(r"\d+|\D+", text)
    return [(not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts]

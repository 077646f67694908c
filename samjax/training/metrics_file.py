"""`metrics.jsonl`: a line of JSON for each log and each evaluation of a run.

    {"step": 500, "kind": "train", "loss": 1.25, ...}

`kind` is "train", or the name of the dataset that was validated on. A line that is anything else is
odd: it is named and passed over, because a run of days must not end for a line of its log.
"""

import json
import math
from pathlib import Path
from typing import NamedTuple

METRICS = "metrics.jsonl"
TRAIN = "train"
"""The kind of the lines that training itself writes."""
SHOWN = 5  # numbers of odd lines that a message lists


class Line(NamedTuple):
    """A line of the file.

    Attributes:
        text: As it stands there, without its end.
        step: The step that it is about.
        kind: "train", or the name of a dataset.
        values: The finite numbers on it by name.
    """

    text: bytes
    step: int
    kind: str
    values: dict[str, float]


class OddLine(NamedTuple):
    """A line that cannot be understood.

    Attributes:
        text: As it stands there, without its end.
        number: Its number from 1.
    """

    text: bytes
    number: int


def read_lines(path: Path) -> tuple[list[Line], list[OddLine]]:
    """Return the lines of a file, and those that are odd; none without the file.

    A last line without an end was cut off, because the run was killed or is still writing. It is
    left out, and is not odd.
    """
    if not path.is_file():
        return [], []
    *texts, _ = path.read_bytes().split(b"\n")
    lines, odd = [], []
    for number, text in enumerate(texts, 1):
        line = _parse(text)
        if line is not None:
            lines.append(line)
        elif text.strip():
            odd.append(OddLine(text, number))
    return lines, odd


def name_odd(path: Path, odd: list[OddLine]) -> str:
    """Return a clause that names odd lines by their numbers."""
    numbers = ", ".join(str(line.number) for line in odd[:SHOWN])
    more = f" and {len(odd) - SHOWN} more" if len(odd) > SHOWN else ""
    return f"{path}: line{'s' if len(odd) > 1 else ''} {numbers}{more} cannot be read"


def _parse(text: bytes) -> Line | None:
    try:
        record = json.loads(text)
        step, kind = record.pop("step"), record.pop("kind")
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None
    # `type` and not `isinstance`, because True is an int.
    if type(step) is not int or not 0 <= step < 2**53 or not isinstance(kind, str):
        return None
    return Line(text, step, kind, {k: float(v) for k, v in record.items() if _is_finite(v)})


def _is_finite(value: object) -> bool:
    if type(value) not in (int, float):
        return False
    try:
        return math.isfinite(value)  # type: ignore[arg-type]
    except OverflowError:  # an integer that no float holds
        return False

"""The data of SVG's paths as rings of points: lines, and Bezier curves cut into lines.

W3C, "Scalable Vector Graphics (SVG) 1.1 (Second Edition)", chapter 8. Arcs (A) are refused.
"""

import re

import numpy as np

from samjax.errors import UserError

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"

CURVE_LINES = 32
"""Lines that stand for a curve."""

ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}
"""How many numbers a command takes; more are the same command again."""


def rings_of(data: str) -> list[list[list[float]]]:
    """Return the rings of a path, each a list of corners [x, y]; open ones are closed.

    Rings without three corners hold nothing and are left out.

    Raises:
        UserError: The path has a command that is not understood.
    """
    pen = _Pen()
    for command, text in _commands(data):
        kind = command.upper()
        numbers = [float(number) for number in re.findall(NUMBER, text)]
        if re.sub(NUMBER, "", text).replace(",", " ").strip():
            raise UserError(f"the path has {text.strip()!r} in it, which are no numbers")
        count = ARGUMENTS[kind]
        if len(numbers) % count if count else numbers:
            raise UserError(f"the path's command {command} has {len(numbers)} numbers")
        if count and not numbers:
            raise UserError(f"the path's command {command} has no numbers")
        for start in range(0, max(len(numbers), 1), max(count, 1)):
            # Pairs behind a move are lines.
            again = "L" if kind == "M" and start else kind
            pen.draw(again, numbers[start : start + count], relative=command.islower())
    return [ring for ring in pen.rings if len(ring) > 2]


def _commands(data: str) -> list[tuple[str, str]]:
    """Return the commands of a path with the text of their numbers."""
    first, *parts = re.split(r"([a-df-zA-DF-Z])", data)  # e is a part of numbers
    commands = list(zip(parts[::2], parts[1::2], strict=True))
    if first.strip() or (commands and commands[0][0] not in "Mm"):
        raise UserError("the path does not begin with a move (M)")
    for command, _ in commands:
        if command.upper() not in ARGUMENTS:
            remedy = "; turn arcs into curves or lines" if command in "Aa" else ""
            raise UserError(f"the path's command {command} is not understood{remedy}")
    return commands


class _Pen:
    """Draws a path; `rings` are the corners so far."""

    def __init__(self) -> None:
        """Begin at the origin."""
        self.rings: list[list[list[float]]] = []
        self._at = np.zeros(2)
        self._begin = np.zeros(2)
        # The last control point and its kind of curve, which S and T mirror.
        self._control: tuple[str, np.ndarray] | None = None

    def draw(self, kind: str, numbers: list[float], *, relative: bool) -> None:
        """Draw a command, in capitals, with its numbers, relative to the pen or not."""
        origin = self._at if relative else np.zeros(2)
        if kind == "Z":
            self._at, self._control = self._begin, None
            return
        if kind == "H":
            points = [np.array([origin[0] + numbers[0], self._at[1]])]
        elif kind == "V":
            points = [np.array([self._at[0], origin[1] + numbers[0]])]
        else:
            points = list(np.reshape(numbers, (-1, 2)) + origin)
        if kind == "M":
            self._begin = points[0]
            self.rings.append([points[0].tolist()])
            self._at, self._control = points[0], None
            return
        if not self.rings or (self._at is self._begin and len(self.rings[-1]) > 1):
            self.rings.append([self._at.tolist()])  # behind a Z a new ring begins
        self._line_or_curve(kind, points)

    def _line_or_curve(self, kind: str, points: list[np.ndarray]) -> None:
        """Add a line, or the lines of a curve, to the ring."""
        family = {"C": "cubic", "S": "cubic", "Q": "square", "T": "square"}.get(kind, "")
        if kind in "ST":
            mirrored = self._at
            if self._control is not None and self._control[0] == family:
                mirrored = 2 * self._at - self._control[1]
            points = [mirrored, *points]
        t = np.linspace(0, 1, CURVE_LINES + 1)[1:, None] if family else np.ones((1, 1))
        line = np.stack([self._at, *points])[:, None]
        while len(line) > 1:  # de Casteljau: between neighbours until one point is left
            line = line[:-1] * (1 - t) + line[1:] * t
        self.rings[-1] += line[0].tolist()
        self._control = (family, points[-2]) if family else None
        self._at = points[-1]

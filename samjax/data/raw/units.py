"""The units of positions and durations in people's own files, as `--units` states them."""

from dataclasses import dataclass

import numpy as np

from samjax.data.coordinates import from_fractions
from samjax.data.raw.points import Points, to_zero_based
from samjax.errors import UserError, check_name

PIXELS, ONE_BASED, FRACTIONS = "pixels", "one-based", "fractions"
MS, SECONDS = "ms", "seconds"
POSITIONS = (PIXELS, ONE_BASED, FRACTIONS)
DURATIONS = (MS, SECONDS)


@dataclass(frozen=True)
class Units:
    """What numbers in a file mean.

    Attributes:
        positions: `pixels`, counted from where it is usual for the kind of file, pixels from 1
            (`one-based`), or `fractions` of width and height; "" if nobody said it: pixels, and
            asked about if that is implausible.
        durations: `ms` or `seconds`; "" likewise: ms.
    """

    positions: str = ""
    durations: str = ""

    @classmethod
    def parse(cls, text: str) -> "Units":
        """Return the units that a text such as 'fractions,seconds' names.

        Raises:
            UserError: A word is unknown, or two are of one kind.
        """
        fields: dict[str, str] = {}
        for word in filter(None, (part.strip() for part in text.split(","))):
            check_name("--units", word, (*POSITIONS, *DURATIONS))
            kind = "positions" if word in POSITIONS else "durations"
            if kind in fields:
                raise UserError(f"--units={text} names two units of {kind}; give one")
            fields[kind] = word
        return cls(**fields)

    def to_pixels(self, xy: np.ndarray, height: int, width: int, usual: str = PIXELS) -> np.ndarray:
        """Return positions [N, 2] (x, y) in pixels from 0, float64.

        Args:
            xy: As they stand in the file.
            height: Of the image.
            width: Of the image.
            usual: PIXELS if they count from 0 in files of this kind, ONE_BASED if from 1.
        """
        xy = np.asarray(xy, np.float64).reshape(-1, 2)
        unit = usual if self.positions in ("", PIXELS) else self.positions
        if unit == FRACTIONS:
            pixels = from_fractions(xy, (width, height))
            # 1 is the very edge of the image, which its last pixel is meant to have.
            edge = np.array([[width, height]]) - 0.5
            return np.where(xy == 1, edge - 1e-3, pixels)
        return to_zero_based(xy) if unit == ONE_BASED else xy

    @property
    def ms(self) -> int:
        """How many milliseconds the unit of durations has."""
        return 1000 if self.durations == SECONDS else 1

    def convert(self, points: Points, height: int, width: int, usual: str = PIXELS) -> Points:
        """Return points as `to_pixels` and `to_ms` make them."""
        xy = self.to_pixels(points.xy, height, width, usual)
        duration_ms = points.duration_ms * self.ms
        return points._replace(xy=xy.astype(np.float32), duration_ms=duration_ms.astype(np.float32))


UNSTATED = Units()
"""Of files whose units nobody has said."""

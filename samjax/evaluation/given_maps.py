"""A map that somebody gives for an image: read, checked, and at its image's size.

What cannot be certain is asked about: `map_values` looks at the values, `map_sizes` at the size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.errors import UserError
from samjax.evaluation.map_files import read_map
from samjax.evaluation.map_sizes import ImageSize, SizeOptions, fit
from samjax.metrics.map_values import KINDS, as_kind

SAME = 0.98
"""The correlation above which two files of one image hold the same map, rounded differently."""


LEVELS_APART = 1.5
"""By how many of 255 levels such files may differ anywhere, whatever their correlation."""


class MapOptions(NamedTuple):
    """What the user says about the maps.

    Attributes:
        values: What their values are, one of `map_values.KINDS`; "" if that was not said.
        normalise: Whether densities are divided by their sum.
        size: What their sizes are.
    """

    values: str = ""
    normalise: bool = False
    size: SizeOptions = SizeOptions()

    def check(self) -> None:
        """Raise UserError where a value is none of those that there are."""
        if self.values and self.values not in KINDS:
            raise UserError(f"--values={self.values} is unknown; use {', '.join(KINDS)}")


NOTHING_SAID = MapOptions()


class GivenMap(NamedTuple):
    """A map on its image.

    Attributes:
        values: float32 [h, w], of its own size still, not negative.
        bits: See `SaliencyMap`.
        is_blank: Whether all pixels have one value.
    """

    values: np.ndarray
    bits: int
    is_blank: bool


@dataclass
class Failures:
    """The maps that could not be used.

    Attributes:
        lines: By the name of the image, one line that says why.
    """

    lines: dict[str, str] = field(default_factory=dict)

    def note(self, image_id: str, error: Exception) -> None:
        """Keep why the map of an image could not be used."""
        self.lines[image_id] = str(error)

    def require_some(self, used: int) -> None:
        """Raise UserError if no map could be used; all have the first one's failure or another."""
        if self.lines and not used:
            first, *others = self.lines.values()
            more = f" (and {len(others)} more maps cannot be used)" if others else ""
            raise UserError(f"{first}{more}")


def read_given(paths: Sequence[Path], image: ImageSize, options: MapOptions) -> GivenMap:
    """Return the map of an image.

    Args:
        paths: Its files, the finest first. Several must hold the same map.
        image: The image's size.
        options: What the user says about the maps.

    Raises:
        UserError: It cannot be read, or is not plainly a map of this image; the message names the
            file and the remedy.
    """
    first = _read(paths[0], image, options)
    for path in paths[1:]:
        try:
            other = _read(path, image, options)
        except UserError as error:
            raise UserError(f"{error}; or move it away, {paths[0].name} is there too") from error
        if not _agree(first.values, other.values):
            raise UserError(
                f"{paths[0]} and {path.name} are two different maps of one image; move the one "
                "away that is not meant"
            )
    return first


def _read(path: Path, image: ImageSize, options: MapOptions) -> GivenMap:
    saliency = read_map(path)
    try:
        values = fit(saliency.values, image, options.size)
        checked = as_kind(values, options.values or None, options.normalise)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error
    return GivenMap(checked.values, saliency.bits, checked.is_blank)


def _agree(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two maps are the same up to their scale and rounding."""
    if one.shape != other.shape:
        return False
    # Of a nearly even map 8 bit leave a few levels, which correlate with it less.
    tops = [max(float(values.max()), np.finfo(np.float32).tiny) for values in (one, other)]
    if np.abs(one / tops[0] - other / tops[1]).max() <= LEVELS_APART / 255 and one.any():
        return True
    a, b = (values.astype(np.float64) - values.mean(dtype=np.float64) for values in (one, other))
    norm = np.sqrt(np.sum(a**2)) * np.sqrt(np.sum(b**2))
    if not norm:
        return not a.any() and not b.any()
    return bool(np.sum(a * b) / norm > SAME)

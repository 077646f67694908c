"""How much attention areas get: shares of a density, and what follows from them.

    covered = cover_areas(grid(3, 3), *density.shape)
    attention_in(density, covered)[0].share      # of all fixations, in the upper left ninth

Pixels on the border of an area count by the fraction that it covers, exactly. So the shares of
disjoint areas that cover the picture sum to 1 at any size.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from samjax.analysis.area import Area
from samjax.analysis.coverage import Coverage, cover
from samjax.errors import UserError

FIXATIONS = 10
"""Fixations that a person makes in about 3 seconds of looking at a picture."""

FIXATION_MS = 330
"""From the start of a fixation to that of the next, in ms: the mean in looking at scenes, of which
some 30 to 50 are the saccade (Rayner, Quarterly Journal of Experimental Psychology 62(8), 2009)."""


class CoveredArea(NamedTuple):
    """An area, and the pixels of a picture that it covers."""

    area: Area
    coverage: Coverage


class AreaAttention(NamedTuple):
    """How much attention an area gets.

    Attributes:
        name: Of the area.
        share: Of all attention, 0 to 1: the probability that a fixation falls into the area.
        area_share: Of the picture's pixels, 0 to 1.
        times_chance: share / area_share; 1 is what a uniform density gives. nan without any size.
        peak: The greatest density in the area, as a multiple of the uniform density. Pixels count
            that the area covers by at least a half, or, if there are none, that it covers most.
        peak_x: Column of the pixel with that density, 0-based; -1 if the area has no pixel.
        peak_y: Its row.
        rank: By share among the areas of the picture, from 1; equal shares have equal ranks.
        probability: That at least one of the first fixations falls into the area,
            1 - (1 - share)^fixations, as if fixations were drawn independently.
    """

    name: str
    share: float
    area_share: float
    times_chance: float
    peak: float
    peak_x: int
    peak_y: int
    rank: int
    probability: float


def fixations_by(viewing_time_ms: float) -> int:
    """Return how many fixations a person has begun by a time, in ms from the first one."""
    return 1 + int(viewing_time_ms // FIXATION_MS)


def cover_areas(areas: Sequence[Area], height: int, width: int) -> list[CoveredArea]:
    """Return the areas with the pixels that they cover of a picture of height x width pixels."""
    return [CoveredArea(area, cover(area, height, width)) for area in areas]


def attention_in(
    density: np.ndarray, areas: Sequence[CoveredArea], fixations: int = FIXATIONS
) -> list[AreaAttention]:
    """Return how much of a density falls into each area.

    Args:
        density: [H, W], not negative; its scale does not matter.
        areas: Covered for a picture of that size, by `cover_areas`.
        fixations: How many first fixations `probability` is about.

    Raises:
        UserError: The density is no density.
    """
    total = _total(density)
    shares = [area_share(density, area.coverage) / total for area in areas]
    found = []
    for (area, coverage), share in zip(areas, shares, strict=True):
        size = coverage.inside / density.size
        peak, x, y = _peak(density, coverage)
        found.append(
            AreaAttention(
                name=area.name,
                share=share,
                area_share=size,
                times_chance=share / size if size > 0 else float("nan"),
                peak=peak / total * density.size,
                peak_x=x,
                peak_y=y,
                rank=1 + sum(other > share for other in shares),
                # By log1p, because 1 - share loses the digits of a small share.
                probability=float(-np.expm1(fixations * np.log1p(-min(share, 1 - 1e-16)))),
            )
        )
    return found


def area_shares(density: np.ndarray, areas: Sequence[CoveredArea]) -> np.ndarray:
    """Return the share [N] of a density [H, W] that falls into each of N areas.

    Raises:
        UserError: The density is no density.
    """
    total = _total(density)
    return np.array([area_share(density, area.coverage) / total for area in areas], np.float64)


def area_share(density: np.ndarray, coverage: Coverage) -> float:
    """Return the sum of a map [H, W] over an area, each pixel as far as it is covered."""
    values = density[coverage.window]
    # In float64, because float32 sums of millions of pixels are off by more than 1e-6.
    return float(np.multiply(values, coverage.weights, dtype=np.float64).sum())


def _total(density: np.ndarray) -> float:
    """Return the sum of a density, float64; raise UserError if it is none."""
    if density.ndim != 2 or not density.size:
        raise UserError(f"a density has the shape [height, width], not {list(density.shape)}")
    total = float(density.sum(dtype=np.float64))
    if not np.isfinite(total) or total <= 0 or density.min() < 0:
        raise UserError("a density is finite, nowhere negative and somewhere positive")
    return total


def _peak(density: np.ndarray, coverage: Coverage) -> tuple[float, int, int]:
    """Return the greatest density in an area and its pixel (x, y); 0 and -1 without a pixel."""
    weights = coverage.weights
    if not weights.any():
        return 0.0, -1, -1
    counts = weights >= min(0.5, float(weights.max()))
    values = np.where(counts, density[coverage.window], -1)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return float(values[row, column]), coverage.left + int(column), coverage.top + int(row)

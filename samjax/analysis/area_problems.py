"""What is odd about the areas of a picture: overlaps, parts outside, no size."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from samjax.analysis.attention import CoveredArea, cover_areas
from samjax.analysis.coverage import Coverage

SMALLEST = 1e-6
"""Fractions of an area below this are rounding."""

FINE = 512
"""Pixels of the longer side on which overlaps are looked for at least."""


def problems(areas: Sequence[CoveredArea], height: int, width: int) -> list[str]:
    """Return a sentence for each area without size or partly outside, and each pair that overlaps.

    Args:
        areas: Covered for the picture.
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
    """
    found = []
    for area, coverage in areas:
        outside = 1 - coverage.inside / coverage.extent if coverage.extent > 0 else 0
        if coverage.extent <= 0:
            found.append(f"area '{area.name}' has no size")
        elif coverage.inside <= 0:
            found.append(f"area '{area.name}' lies outside of the picture")
        elif outside > SMALLEST:
            found.append(
                f"area '{area.name}' leaves the picture; {100 * outside:.2g} % of it is outside "
                "and not counted"
            )
    # On small pictures areas may overlap within a pixel, so they are looked at more finely.
    factor = -(-FINE // max(height, width))
    fine = areas
    if factor > 1:
        own = [area.on(height, width) for area, _ in areas]  # so that the frame is known
        fine = cover_areas(own, height * factor, width * factor)
    for (one, first), (other, second) in combinations(fine, 2):
        overlap = _overlap(first, second) / max(min(first.inside, second.inside), SMALLEST)
        if overlap > 1e-4:
            found.append(
                f"areas '{one.name}' and '{other.name}' overlap in {100 * overlap:.2g} % of the "
                "smaller one, so their shares do not add up"
            )
    return found


def _overlap(one: Coverage, other: Coverage) -> float:
    """Return in how many square pixels two areas surely overlap.

    A pixel that one covers to .7 and the other to .5 has at least .2 in common.
    """
    spans = []
    for a, b in zip(one.window, other.window, strict=True):
        start, stop = max(a.start, b.start), min(a.stop, b.stop)
        if stop <= start:
            return 0.0
        spans.append((start, stop))
    (top, bottom), (left, right) = spans
    parts = [
        area.weights[top - area.top : bottom - area.top, left - area.left : right - area.left]
        for area in (one, other)
    ]
    return float(np.maximum(parts[0] + parts[1] - 1, 0).sum(dtype=np.float64))

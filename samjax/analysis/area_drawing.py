"""Areas drawn on a picture: the outline of each, with its number and its share."""

from collections.abc import Sequence

import numpy as np

from samjax.analysis.area import Polygon
from samjax.analysis.attention import AreaAttention, CoveredArea
from samjax.pictures.outlines import Outline, draw_outlines, rings_of_mask


def draw_shares(
    pixels: np.ndarray, areas: Sequence[CoveredArea], attention: Sequence[AreaAttention]
) -> np.ndarray:
    """Return a picture with the outlines of areas.

    Args:
        pixels: The picture, uint8 [H, W, 3] RGB.
        areas: Covered for it.
        attention: Of each area.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    outlines = []
    rows = zip(areas, attention, strict=True)
    for number, ((area, coverage), found) in enumerate(rows, 1):
        if not coverage.inside:  # named already; a label without an outline would puzzle
            continue
        shape = area.on(*pixels.shape[:2]).shape
        if isinstance(shape, Polygon):
            rings = list(shape.rings)
        else:
            corner = np.array([coverage.left, coverage.top])
            rings = [ring + corner for ring in rings_of_mask(coverage.weights)]
        outlines.append(Outline(rings, f"{number}: {100 * found.share:.1f}%"))
    return draw_outlines(pixels, outlines)

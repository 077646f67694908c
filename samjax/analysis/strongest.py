"""The strongest regions of a density, without anybody having drawn them."""

import numpy as np
from scipy import ndimage

from samjax.analysis.area import Area, Mask
from samjax.analysis.resample import resample
from samjax.errors import UserError

LEVEL = 0.5
"""A region reaches as far as the density is at least this fraction of its peak."""

DISTANCE = 0.05
"""A peak is the greatest density within this fraction of the longer side around it."""

LONGER_SIDE = 400
"""Pixels on which regions are looked for; a network's map has fewer."""


def strongest_regions(density: np.ndarray, count: int) -> list[Area]:
    """Return up to `count` disjoint regions with the greatest shares of a density.

    A region is what hangs together around a peak and has at least half of the peak's density. A
    peak is a pixel with the greatest density within 5 % of the picture's longer side. Regions are
    found from the highest peak down, so a lower peak within a region belongs to it.

    Args:
        density: [H, W].
        count: How many regions to return; there may be fewer peaks.

    Returns:
        Masks called "region 1", "region 2" and so on, by falling share.

    Raises:
        UserError: `count` is below 1.
    """
    if count < 1:
        raise UserError(f"{count} regions cannot be found; give 1 or more")
    size = density.shape
    factor = min(1.0, LONGER_SIDE / max(size))
    density = resample(density, max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    reach = 2 * max(1, round(DISTANCE * max(density.shape))) + 1
    is_peak = (density == ndimage.maximum_filter(density, reach)) & (density > 0)
    rows, columns = np.nonzero(is_peak)
    order = np.argsort(-density[rows, columns], kind="stable")
    free = np.ones(density.shape, bool)
    found: list[tuple[float, np.ndarray]] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        if not free[row, column]:
            continue
        labels, _ = ndimage.label(free & (density >= LEVEL * density[row, column]))
        region = labels == labels[row, column]
        free &= ~region
        found.append((float(density[region].sum(dtype=np.float64)), region))
    found.sort(key=lambda item: -item[0])
    return [
        Area(f"region {number}", Mask(region.astype(np.float32)), frame=size)
        for number, (_, region) in enumerate(found[:count], 1)
    ]

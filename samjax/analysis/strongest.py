"""The strongest regions of a density, without anybody having drawn them."""

import numpy as np
from scipy import ndimage

from samjax.analysis.area import Area, Mask
from samjax.analysis.resample import resample
from samjax.errors import UserError

LEVEL = 0.5
"""A region reaches as far as the density is at least this fraction of its peak."""

DISTANCE = 0.05
"""How far one looks for a greater density, as a fraction of the longer side."""

LONGER_SIDE = 400
"""Pixels on which regions are looked for; a network's map has fewer."""


def strongest_regions(density: np.ndarray, count: int) -> list[Area]:
    """Return up to `count` disjoint regions with the greatest shares of a density.

    From every pixel one climbs to the greatest density within 5 % of the picture's longer side, and
    on from there, up to a peak. A region is what leads to one peak, hangs together around it, and
    has at least half of its density. Peaks below the uniform density make no region.

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
    found = []
    tops = _climb(density)
    for top in np.unique(tops):
        peak = density.flat[top]
        # Sums are rounded: a uniform density is one region, not none.
        if peak < density.mean() * (1 - 1e-6):
            continue
        labels, _ = ndimage.label((tops == top) & (density >= LEVEL * peak))
        region = labels == labels.flat[top]
        found.append((float(density[region].sum()), region))
    found.sort(key=lambda item: -item[0])
    return [
        Area(f"region {number}", Mask(region.astype(np.float32)), frame=size)
        for number, (_, region) in enumerate(found[:count], 1)
    ]


def _climb(density: np.ndarray) -> np.ndarray:
    """Return for each pixel the flat index of the peak that one climbs to from it, [H, W]."""
    reach = 2 * max(1, round(DISTANCE * max(density.shape))) + 1
    order = np.argsort(density, axis=None, kind="stable")
    # Ranks are unique, so that a flat part has one top, too.
    ranks = np.empty(density.size, np.int64)
    ranks[order] = np.arange(density.size)
    higher = order[ndimage.maximum_filter(ranks.reshape(density.shape), reach)].ravel()
    while True:
        further = higher[higher]
        if np.array_equal(further, higher):
            return higher.reshape(density.shape)
        higher = further

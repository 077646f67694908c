"""The borders of what is inside a polygon, also of one that crosses itself or has holes.

A polygon is cut into level slabs at all its corners and crossings. Within a slab its edges do not
cross, so the places inside are intervals between edges, which the rule of the polygon tells.
"""

from itertools import pairwise

import numpy as np

from samjax.analysis.area import Polygon


def borders_of(shape: Polygon) -> tuple[np.ndarray, np.ndarray]:
    """Return the left and right borders of what is inside: edges [N, 4] and signs [N].

    An edge is (x0, y0, x1, y1) with y0 < y1; its sign is 1 where the inside begins to its right,
    and -1 where it ends. Edges do not cross.
    """
    edges, winding = _edges_downwards(shape)
    cuts = np.unique(np.concatenate([edges[:, 1], edges[:, 3], _crossings(edges)]))
    borders: list[np.ndarray] = []
    signs: list[np.ndarray] = []
    for upper, lower in pairwise(cuts):
        active = (edges[:, 1] <= upper) & (edges[:, 3] >= lower)
        x0, y0, x1, y1 = edges[active].T
        slope = (x1 - x0) / (y1 - y0)
        at_upper, at_lower = x0 + (upper - y0) * slope, x0 + (lower - y0) * slope
        order = np.argsort(at_upper + at_lower, kind="stable")
        rounds = np.cumsum(winding[active][order])
        is_inside = rounds % 2 != 0 if shape.even_odd else rounds != 0
        change = np.diff(is_inside.astype(np.int8), prepend=0)
        kept = order[change != 0]
        level = np.ones(len(kept))
        borders.append(
            np.stack([at_upper[kept], level * upper, at_lower[kept], level * lower], axis=-1)
        )
        signs.append(change[change != 0].astype(np.float64))
    if not borders:
        return np.empty((0, 4)), np.empty(0)
    return np.concatenate(borders), np.concatenate(signs)


def _edges_downwards(shape: Polygon) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges that are not level, [N, 4] with y0 < y1, and directions [N], 1 or -1."""
    edges = np.concatenate(
        [np.concatenate([ring, np.roll(ring, -1, axis=0)], axis=1) for ring in shape.rings]
        or [np.empty((0, 4))]
    )
    edges = edges[edges[:, 1] != edges[:, 3]]
    is_upwards = edges[:, 1] > edges[:, 3]
    edges[is_upwards] = edges[is_upwards][:, [2, 3, 0, 1]]
    return edges, np.where(is_upwards, -1, 1)


def _crossings(edges: np.ndarray) -> np.ndarray:
    """Return the heights y at which two edges of [N, 4] cross."""
    found = [np.empty(0)]
    slopes = (edges[:, 2] - edges[:, 0]) / (edges[:, 3] - edges[:, 1])
    # x = offset + slope * y along each edge
    offsets = edges[:, 0] - slopes * edges[:, 1]
    for number in range(len(edges) - 1):
        others = slice(number + 1, None)
        upper = np.maximum(edges[number, 1], edges[others, 1])
        lower = np.minimum(edges[number, 3], edges[others, 3])
        turn = slopes[number] - slopes[others]
        with np.errstate(divide="ignore", invalid="ignore"):
            y = (offsets[others] - offsets[number]) / turn
        found.append(y[(y > upper) & (y < lower) & (turn != 0)])
    return np.concatenate(found)

"""Fixations of one image from a file of its own, in the ways that people write them.

.csv    a head with x and y, and what there is of subject, duration_ms, order; from 0
.txt    two columns or more, x and y first, without a head; from 0
.npy    N x 2 (x, y), from 0; or a map of the image's size, not 0 where fixated
.mat    one variable: a map, or N x 2 (x, y), which MATLAB counts from 1
.png    a map, brighter than half where fixated
"""

import csv
import io
import math

import numpy as np

from samjax.data.images import decode_density
from samjax.data.raw.mat_file import alone
from samjax.data.raw.points import Points, from_one, points
from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line

KINDS = ("csv", "txt", "npy", "mat", "png")
HALF = 0.5


def read_fixations(tree: Tree, name: str, height: int, width: int) -> Points:
    """Of a file of KINDS for an image of this size; UserError names what is wrong."""
    kind, size = name.rsplit(".", 1)[-1], (height, width)
    try:
        if kind == "csv":
            return _table(tree.read(name).decode("utf-8-sig"))
        if kind == "txt":
            return points(_listed(np.loadtxt(io.BytesIO(tree.read(name)), ndmin=2)))
        if kind == "npy":
            return points(_map_or_list(np.load(io.BytesIO(tree.read(name))), size))
        if kind == "mat":
            found = alone(tree, name)
            return points(_map_or_list(found, size, from_one))
        density = decode_density(tree.read(name))
        return points(_map_or_list(density > HALF * max(density.max(), 1e-9), size))
    except (ValueError, KeyError, EOFError) as error:
        raise UserError(f"{name} cannot be read as fixations ({one_line(error)})") from error


def _table(text: str) -> Points:
    rows = list(csv.DictReader(io.StringIO(text)))
    if rows and not {"x", "y"} <= rows[0].keys():
        raise ValueError(f"its head is {', '.join(map(str, rows[0]))}, without x and y")
    xy = [(float(row["x"]), float(row["y"])) for row in rows]
    columns = {
        name: [_number(row.get(name), missing) for row in rows]
        for name, missing in (("subject", -1), ("duration_ms", math.nan), ("order", -1))
    }
    return points(xy, **columns)


def _number(text: str | None, missing: float) -> float:
    return float(text) if text and text.strip() else missing


def _map_or_list(found: np.ndarray, size: tuple[int, int], based=lambda xy: xy) -> np.ndarray:
    if found.shape == size:
        rows, columns = found.nonzero()
        return np.stack([columns, rows], axis=-1)
    return based(_listed(found))


def _listed(found: np.ndarray) -> np.ndarray:
    if found.size == 0:
        return np.zeros((0, 2))
    if found.ndim != 2 or found.shape[1] < 2 or found.dtype.kind not in "buif":
        shape = " x ".join(map(str, found.shape))
        raise ValueError(f"{shape} values are neither a map of the image's size nor N x 2")
    return found[:, :2].astype(np.float64)

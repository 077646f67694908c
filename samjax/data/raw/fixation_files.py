"""Fixations of one image from a file of its own, in the formats that people write.

.csv    a header with x and y, and any of subject, duration_ms, order; positions count from 0
.txt    two columns or more without a header, x and y first; positions count from 0
.npy    an array N x 2 (x, y) that counts from 0; or a map of the image's size, not 0 where fixated
.mat    one variable: such a map, or N x 2 (x, y), which MATLAB counts from 1
.png    a map, brighter than half of its maximum where fixated
"""

import csv
import io
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from samjax.data.images import decode_density
from samjax.data.raw.mat_file import only_variable
from samjax.data.raw.points import Points, make_points, to_zero_based
from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line

KINDS = ("csv", "txt", "npy", "mat", "png")
FIXATED_ABOVE = 0.5
"""Pixels of a map in a PNG are fixated above this fraction of its maximum."""


def read_fixations(tree: Tree, name: str, height: int, width: int) -> Points:
    """Return the fixations in a file of one of KINDS.

    Args:
        tree: The raw files.
        name: The name of the file in the tree; its ending says of which kind it is.
        height: Height of the image in pixels.
        width: Width of the image in pixels.

    Raises:
        UserError: The file is damaged or holds something else; the message names it.
    """
    kind, size = name.rsplit(".", 1)[-1], (height, width)
    try:
        if kind == "csv":
            return _read_csv(tree.read(name).decode("utf-8-sig"))
        if kind == "txt":
            return make_points(_two_columns(np.loadtxt(io.BytesIO(tree.read(name)), ndmin=2)))
        if kind == "npy":
            return make_points(_map_or_list(np.load(io.BytesIO(tree.read(name))), size))
        if kind == "mat":
            return make_points(_map_or_list(only_variable(tree, name), size, to_zero_based))
        fixation_map = decode_density(tree.read(name))
        # The floor keeps an all-black map from being fixated everywhere.
        threshold = FIXATED_ABOVE * max(fixation_map.max(), 1e-9)
        return make_points(_map_or_list(fixation_map > threshold, size))
    except (ValueError, KeyError, EOFError) as error:
        raise UserError(f"{name} cannot be read as fixations ({one_line(error)})") from error


def _read_csv(text: str) -> Points:
    rows = list(csv.DictReader(io.StringIO(text)))
    if rows and not {"x", "y"} <= rows[0].keys():
        raise ValueError(f"its head is {', '.join(map(str, rows[0]))}, without x and y")
    xy = [(float(row["x"]), float(row["y"])) for row in rows]
    return make_points(
        xy,
        subject=[_number(row.get("subject"), -1) for row in rows],
        duration_ms=[_number(row.get("duration_ms"), math.nan) for row in rows],
        order=[_number(row.get("order"), -1) for row in rows],
    )


def _number(text: str | None, missing: float) -> float:
    return float(text) if text and text.strip() else missing


def _map_or_list(
    array: np.ndarray,
    size: tuple[int, int],
    convert_list: Callable[[ArrayLike], np.ndarray] = np.asarray,
) -> np.ndarray:
    """Return positions [N, 2] (x, y), from 0, of a map [H, W] or of a list of positions.

    A map has the image's size, (height, width). Only a list is passed through `convert_list`: the
    cells of a map are found here, and counted from 0.
    """
    if array.shape == size:
        rows, columns = array.nonzero()
        return np.stack([columns, rows], axis=-1)
    return convert_list(_two_columns(array))


def _two_columns(array: np.ndarray) -> np.ndarray:
    """Return the first two columns as float64 [N, 2]; whatever is empty has no rows."""
    if array.size == 0:
        return np.zeros((0, 2))
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "buif":
        shape = " x ".join(map(str, array.shape))
        raise ValueError(f"{shape} values are neither a map of the image's size nor N x 2")
    return array[:, :2].astype(np.float64)

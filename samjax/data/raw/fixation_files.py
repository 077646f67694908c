"""Fixations of one image from a file of its own, in the formats that people write.

.csv .tsv   a header with x and y, and any of subject, duration_ms, order; positions count from 0
.txt        two columns or more without a header, x and y first; positions count from 0
.npy        an array N x 2 (x, y), or 2 x N, that counts from 0; or a map, not 0 where fixated
.mat        such a map, or N x 2 (x, y), which MATLAB counts from 1, in the only variable or one
            that is called for its contents (NAMES); or SALICON's `gaze` and `resolution`
pictures    a map, not 0 where fixated; of grey levels, brighter than half of the maximum

Maps may have another size than the image, of its aspect; see `samjax.data.raw.fixation_maps`.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from samjax.data.images import decode_density
from samjax.data.raw.fixation_maps import MIN_SIDE, fits, map_points
from samjax.data.raw.fixation_text import read_columns, read_headed
from samjax.data.raw.mat_file import NUMERIC, variables
from samjax.data.raw.points import Points, concatenate, make_points
from samjax.data.raw.problems import Problem
from samjax.data.raw.salicon_gaze import VARIABLES, read_gaze
from samjax.data.raw.tree import Tree
from samjax.data.raw.units import ONE_BASED, PIXELS, UNSTATED, Units
from samjax.errors import UserError, one_line
from samjax.files.npy import read_npy

TABLES = ("csv", "tsv")
PICTURES = ("png", "bmp", "jpg", "jpeg", "tif", "tiff", "webp", "pgm")
KINDS = (*TABLES, "txt", "npy", "mat", *PICTURES)
NAMES = re.compile(r"(eye)?fix(ation)?s?(loc|location|pt|point|map|coord|xy)?s?")
"""What variables of a .mat file with fixations are called, without underscores and capitals."""
MIN_COLUMNS = 5  # of a transposed list; fewer may be two fixations with more than x and y


@dataclass(frozen=True)
class FixationFile:
    """How files of fixations are read.

    Attributes:
        units: What their numbers mean.
        subjects: {text in a column `subject`: number}, for names among them.
    """

    units: Units = UNSTATED
    subjects: Mapping[str, int] = field(default_factory=dict)

    def read(
        self, tree: Tree, name: str, height: int, width: int
    ) -> tuple[Points, tuple[Problem, ...]]:
        """Return the fixations in a file of one of KINDS, and warnings.

        Args:
            tree: The raw files.
            name: The name of the file in the tree; its ending says of which kind it is.
            height: Height of the image in pixels.
            width: Width of the image in pixels.

        Raises:
            UserError: The file is damaged or holds something else; the message names it.
        """
        points, warnings = self._read(tree, name, height, width)
        if not len(points.xy):
            warnings += (Problem("file without fixations", name, "has none"),)
        return points, warnings

    def _read(
        self, tree: Tree, name: str, height: int, width: int
    ) -> tuple[Points, tuple[Problem, ...]]:
        kind, size = name.rsplit(".", 1)[-1].lower(), (height, width)
        try:
            if kind in TABLES:
                points, warnings = read_headed(tree.read(name), name, self.subjects)
                return self.units.convert(points, height, width), warnings
            if kind == "mat":
                return self._read_mat(variables(tree, name), name, size), ()
            if kind == "txt":
                xy = read_columns(tree.read(name), name)
                return make_points(self.units.to_pixels(xy, height, width)), ()
            if kind == "npy":
                array, usual = read_npy(io.BytesIO(tree.read(name))), PIXELS
            else:
                return make_points(map_points(decode_density(tree.read(name)), *size)), ()
            return make_points(self._map_or_list(array, size, usual)), ()
        except (ValueError, OverflowError, OSError, UserError) as error:
            if isinstance(error, UserError) and name in str(error):
                raise
            message = f"{name} cannot be read as fixations ({one_line(error)})"
            raise UserError(message) from error

    def _read_mat(self, values: dict, name: str, size: tuple[int, int]) -> Points:
        if values.keys() >= VARIABLES:
            trials, resolution = read_gaze(values, name)
            return _scaled(concatenate(trials), resolution, size)
        if len(values) == 1:
            (value,) = values.values()
        else:
            named = [key for key in values if NAMES.fullmatch(key.replace("_", "").lower())]
            if len(named) != 1:
                listed = ", ".join(values) or "none"
                raise ValueError(
                    f"it has {len(values)} variables, {listed}; keep the one with fixations, or "
                    "call it fixLocs"
                )
            value = values[named[0]]
        return make_points(self._map_or_list(value, size, ONE_BASED))

    def _map_or_list(self, value: np.ndarray, size: tuple[int, int], usual: str) -> np.ndarray:
        """Return positions [N, 2] (x, y), from 0, of a map [H, W] or of a list of positions.

        Only a list has units: the cells of a map are found here, and counted from 0.
        """
        if hasattr(value, "tocoo"):  # sparse, and never made full: it may declare any size
            return _sparse_points(value, size)
        array = _two_axes(np.asarray(value))
        if array.size == 0:
            return np.zeros((0, 2))
        rows, columns = array.shape
        # A list of N x 2 could be mistaken for a map of an image two pixels wide; there is none.
        if columns == 2 and array.shape != size:
            return self.units.to_pixels(array, *size, usual)
        if rows == 2 and columns >= MIN_COLUMNS and array.shape != size:
            return self.units.to_pixels(array.T, *size, usual)
        if array.shape == size or min(array.shape) >= MIN_SIDE:
            return map_points(array, *size)
        if columns > 2:
            what = "which of its columns are x and y is not certain; keep these two"
        else:
            what = "neither a map of the image's size nor N x 2"
        raise ValueError(f"{rows} x {columns} values: {what}")


def _two_axes(array: np.ndarray) -> np.ndarray:
    """Return an array with two axes, which it has or had before axes of 1 were added or lost."""
    if array.dtype.kind not in NUMERIC:
        raise ValueError(f"its values are no numbers ({array.dtype})")
    if array.size == 0:
        return array.reshape(0, 2)
    if array.ndim > 2:
        array = array.squeeze()
    if array.ndim == 1 and array.size == 2:
        array = array.reshape(1, 2)
    if array.ndim != 2:
        shape = " x ".join(map(str, array.shape))
        raise ValueError(f"{shape} values are neither a map of the image's size nor N x 2")
    return array


def _sparse_points(value: object, size: tuple[int, int]) -> np.ndarray:
    value.check_format(full_check=True)  # type: ignore[attr-defined]
    cells = value.tocoo()  # type: ignore[attr-defined]
    if cells.shape != size:
        rows, columns = cells.shape
        raise ValueError(f"its sparse matrix is {rows} x {columns}, not {size[0]} x {size[1]}")
    there = cells.data != 0
    xy = np.stack([cells.col[there], cells.row[there]], axis=-1)
    # In the order of the rows, as those of a full matrix.
    return xy[np.lexsort(xy.T)].astype(np.float64)


def _scaled(points: Points, stated: tuple[int, int], size: tuple[int, int]) -> Points:
    """Return points on an image of a stated (height, width) as points on one of another size."""
    if stated == size:
        return points
    stated_text, have = f"{stated[1]} x {stated[0]}", f"{size[1]} x {size[0]}"
    if not fits(stated, size):
        raise ValueError(f"its `resolution` is {stated_text}, and the image has {have} pixels")
    scale = np.array([size[1] / stated[1], size[0] / stated[0]])
    return points._replace(xy=((points.xy + 0.5) * scale - 0.5).astype(np.float32))

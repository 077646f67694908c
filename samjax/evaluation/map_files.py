"""Anyone's saliency maps: files of many formats to float arrays.

PNG (8 or 16 bit), JPEG, TIFF and BMP (8 to 32 bit, float), NPY, NPZ, MAT (up to v7 by SciPy, v7.3
as HDF5, sparse ones and those in a struct too) and HDF5. A file of several arrays must hold one
named like the image, or only one that has two dimensions.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from samjax.data.grey import to_grey
from samjax.data.images import decode_levels
from samjax.errors import UserError, one_line
from samjax.evaluation.map_matching import PICTURES
from samjax.files.limits import read_file
from samjax.files.matlab import matrices, read_mat
from samjax.files.npy import npz_members, read_npy

LEVELS = 256
Load = Callable[[], np.ndarray]
HDF5_PLACES = (0, 512, 1024, 2048, 4096)
"""Where the signature of HDF5 may stand; MATLAB writes a block of its own before it."""
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


class SaliencyMap(NamedTuple):
    """A map as its file holds it.

    Attributes:
        values: float32 [H, W].
        bits: 8 where the file has no more than 256 levels, 16, or 32.
    """

    values: np.ndarray
    bits: int


def read_map(path: Path) -> SaliencyMap:
    """Read one map.

    Raises:
        UserError: It cannot be read, is in colours, or is no array of numbers [height, width].
    """
    try:
        array = _read(path)
    # The readers of damaged files raise exceptions of all kinds, and no list of them is whole.
    except Exception as error:
        raise UserError(f"{path}: cannot be read as a map ({one_line(error)})") from error
    if array.dtype.kind not in "buif":
        raise UserError(f"{path}: holds {array.dtype}, not numbers; store a float array [H, W]")
    bits = {1: 8, 2: 16}.get(array.dtype.itemsize, 32)
    if bits == 16 and _levels_of_8_bit(array):
        bits = 8
    try:
        return SaliencyMap(to_grey(array), bits)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _levels_of_8_bit(array: np.ndarray) -> bool:
    """Return whether 16-bit values are 8-bit ones, as they are or scaled to the larger range.

    Of half precision, which small densities fall through, the levels are counted.
    """
    if array.dtype.kind == "f":
        bits = np.ravel(array).astype(np.float16).view(np.uint16)
        return array.size > LEVELS and int(np.count_nonzero(np.bincount(bits))) <= LEVELS
    return not np.any(array % 257) or not np.any(array >> 8)


def _read(path: Path) -> Shaped[np.ndarray, "..."]:
    """Return the map in a file of any format, of any shape and type still."""
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return decode_levels(read_file(path))
    if suffix == ".npy":
        with path.open("rb") as stream:
            return read_npy(stream)
    if suffix == ".npz":
        return _choose_map(npz_members(path), path)
    with path.open("rb") as stream:
        start = stream.read(HDF5_PLACES[-1] + 8)
    if any(start[place : place + 8] == HDF5_SIGNATURE for place in HDF5_PLACES):
        chosen = _read_hdf5(path)
        return chosen.T if suffix == ".mat" else chosen  # MATLAB stores columns first
    if suffix != ".mat":
        raise ValueError("not an HDF5 file")
    return _read_mat(path)


def _read_hdf5(path: Path) -> np.ndarray:
    """Return the map in an HDF5 file."""
    # Imported only where needed, because the library of HDF5 takes a tenth of a second.
    from samjax.files import hdf5

    with hdf5.opened(path, path) as file:
        shapes: dict[str, tuple[int, ...]] = {}
        loads: dict[str, Load] = {}
        for name, node in hdf5.arrays(file, path):
            name = name.rsplit("/", 1)[-1]
            loads[name] = partial(hdf5.read_array, node)
            # A sparse matrix is a group, and has two dimensions.
            shapes[name] = tuple(getattr(node, "shape", (2, 2)))
        return _choose_map(loads, path, shapes)


def _read_mat(path: Path) -> np.ndarray:
    """Return the map in a file of MATLAB up to version 7."""
    arrays = {}
    for variable, value in read_mat(read_file(path)).items():
        for name, array in matrices(value, variable):
            arrays[name if name not in arrays else f"{variable}.{name}"] = array
    shapes = {name: array.shape for name, array in arrays.items()}
    return _choose_map({name: partial(np.asarray, a) for name, a in arrays.items()}, path, shapes)


def _choose_map(
    loads: dict[str, Load], path: Path, shapes: dict[str, tuple[int, ...]] | None = None
) -> Shaped[np.ndarray, "..."]:
    """Return the array named like the file, or the only one with two dimensions or more.

    Args:
        loads: What reads each array, by its name.
        path: The file.
        shapes: The shapes by name, where they are known without reading.

    Raises:
        ValueError: No array is the map, or several may be.
    """
    for name, load in loads.items():
        if path.stem in (name, Path(name).stem):
            return load()
    arrays: dict[str, np.ndarray] = {}
    if shapes is None:
        arrays = {name: load() for name, load in loads.items()}
        shapes = {name: array.shape for name, array in arrays.items()}
    maps = [name for name, s in shapes.items() if len(s) >= 2 and np.prod(s, dtype=float) > 1]
    if len(maps) != 1:
        names = ", ".join(maps[:5]) or "none"
        raise ValueError(f"holds {len(maps)} arrays [height, width] ({names}), not one")
    return arrays[maps[0]] if arrays else loads[maps[0]]()

"""MATLAB files read from a tree by the names of their variables.

SciPy gives a struct array, and a cell, as a NumPy array whose dtype has fields, or whose elements
are objects. Whether such an array lies or stands (1 x N or N x 1) differs from file to file.
"""

import io
from typing import Any

import h5py
import numpy as np

from samjax.data.raw.bounded import expansion_limit
from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line
from samjax.files.limits import MAX_FILE_BYTES
from samjax.files.matlab import read_mat

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
NUMERIC = "buif"  # kinds of dtypes: bool, unsigned, signed, float


def variables(tree: Tree, name: str) -> dict[str, np.ndarray]:
    """Return {variable: value} of a .mat file.

    All variables of a file up to v7 are returned, but of a v7.3 file, which is HDF5, only the
    numeric arrays with two axes.

    Raises:
        UserError: The file is damaged, or is not a MATLAB file.
    """
    data = tree.read(name)
    try:
        # Version 7.3 is HDF5, which SciPy does not read.
        if _is_hdf5(data):
            return _numeric_matrices(data)
        return read_mat(data, min(MAX_FILE_BYTES, expansion_limit(len(data))))
    except UserError:
        raise
    except Exception as error:  # whatever h5py makes of damaged bytes, too
        raise UserError(f"{name} cannot be read as a MATLAB file ({one_line(error)})") from error


def variable(tree: Tree, name: str, key: str) -> np.ndarray:
    """Return the variable `key` of a .mat file; UserError lists those that it has instead."""
    values = variables(tree, name)
    if key not in values:
        raise UserError(f"{name} has no variable '{key}' (it has {', '.join(values) or 'none'})")
    return values[key]


def only_variable(tree: Tree, name: str) -> np.ndarray:
    """Return the one variable of a file in which its name cannot be relied on.

    Raises:
        UserError: The file has none, or several.
    """
    values = variables(tree, name)
    if len(values) != 1:
        raise UserError(f"{name} has {len(values)} variables ({', '.join(values)}), not one")
    return next(iter(values.values()))


def structs(value: Any) -> list[np.void]:
    """Return the elements of a struct array, or of a cell of structs, in any shape and nesting."""
    elements: list[np.void] = []
    for element in np.asarray(value).ravel():
        if isinstance(element, np.ndarray):
            elements += structs(element)
        else:
            elements.append(element)
    return elements


def field_names(struct: np.ndarray | np.void) -> tuple[str, ...]:
    """Return the names of a struct's fields; () for anything else, such as an empty []."""
    # An empty [] arrives as an array of numbers, whose dtype has no names.
    dtype = getattr(struct, "dtype", None)
    return getattr(dtype, "names", None) or ()


def field(struct: np.void, key: str, where: str) -> Any:
    """Return a field of a struct; UserError says at `where` it is missing, and what is there."""
    names = field_names(struct)
    if key not in names:
        raise UserError(f"{where} has no field '{key}' (it has {', '.join(names) or 'none'})")
    return struct[key]


def text(value: Any) -> str:
    """Return a MATLAB string."""
    return str(np.asarray(value).ravel()[0]) if np.size(value) else ""


def number_rows(value: Any, columns: int, where: str) -> np.ndarray:
    """Return numbers as float64 [N, columns]; whatever is empty (0 x 0, 0 x 2) has no rows.

    Columns beyond those are left out.

    Raises:
        UserError: It is something else than at least that many columns of numbers.
    """
    array = np.asarray(value)
    if array.size == 0:
        return np.zeros((0, columns))
    if array.ndim != 2 or array.shape[1] < columns or array.dtype.kind not in NUMERIC:
        shape = " x ".join(map(str, array.shape))
        raise UserError(f"{where} is {shape}, not N x {columns} numbers")
    return array[:, :columns].astype(np.float64)


def _is_hdf5(data: bytes) -> bool:
    # MATLAB writes a block of its own before the signature, of a power of two bytes.
    return any(data[start : start + 8] == HDF5_SIGNATURE for start in (0, 512, 1024, 2048))


def _numeric_matrices(data: bytes) -> dict[str, np.ndarray]:
    matrices, limit = {}, expansion_limit(len(data))
    with h5py.File(io.BytesIO(data)) as file:
        for key in file:
            # A link to another file is none of this one's variables, and is not followed.
            if not isinstance(file.get(key, getlink=True), h5py.HardLink):
                continue
            value = file[key]
            if isinstance(value, h5py.Dataset) and value.ndim == 2 and value.dtype.kind in NUMERIC:
                if value.external or value.is_virtual:
                    raise ValueError(f"the values of {key} are in another file")
                if value.nbytes > limit:
                    raise ValueError(f"{key} promises {value.nbytes:,} bytes")
                # HDF5 keeps MATLAB's columns first, so arrays arrive transposed.
                matrices[key] = np.asarray(value).T
    return matrices

"""MATLAB files read from a tree, by the names of their variables."""

import io
import zlib

import h5py
import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# What scipy and h5py raise on damaged files.
DAMAGES = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, zlib.error, MatReadError)


def variables(tree: Tree, name: str) -> dict[str, np.ndarray]:
    """{variable: value} of a .mat file up to v7; of v7.3 the plain 2-d arrays alone."""
    data = tree.read(name)
    try:
        if _is_hdf5(data):
            return _plain_arrays(data)
        found = loadmat(io.BytesIO(data))
    except (*DAMAGES, NotImplementedError) as error:
        raise UserError(f"{name} cannot be read as a MATLAB file ({one_line(error)})") from error
    return {key: value for key, value in found.items() if not key.startswith("__")}


def variable(tree: Tree, name: str, key: str) -> np.ndarray:
    found = variables(tree, name)
    if key not in found:
        raise UserError(f"{name} has no variable '{key}' (it has {', '.join(found) or 'none'})")
    return found[key]


def fields(struct: np.ndarray) -> tuple[str, ...]:
    """Names of the fields of a struct array; () for anything else, such as an empty []."""
    return struct.dtype.names or ()


def text(value: np.ndarray) -> str:
    """A MATLAB string."""
    return str(np.asarray(value).ravel()[0]) if np.size(value) else ""


def _is_hdf5(data: bytes) -> bool:
    """MATLAB writes a block of its own before the signature, of a power of two bytes."""
    return any(data[place : place + 8] == SIGNATURE for place in (0, 512, 1024, 2048))


def _plain_arrays(data: bytes) -> dict[str, np.ndarray]:
    """HDF5 keeps MATLAB's columns first, so arrays arrive transposed."""
    with h5py.File(io.BytesIO(data)) as file:
        return {
            key: np.asarray(value).T
            for key, value in file.items()
            if isinstance(value, h5py.Dataset) and value.ndim == 2 and value.dtype.kind in "buif"
        }


def alone(tree: Tree, name: str) -> np.ndarray:
    """The one variable of a file whose variable's name cannot be relied on."""
    found = variables(tree, name)
    if len(found) != 1:
        raise UserError(f"{name} has {len(found)} variables ({', '.join(found)}), not one")
    return next(iter(found.values()))


def records(value) -> list[np.void]:
    """The structs of a struct array, or of a cell of structs, whether it lies or stands."""
    found = []
    for element in np.asarray(value).ravel():
        found += records(element) if isinstance(element, np.ndarray) else [element]
    return found


def field(record: np.void, key: str, where: str):
    """A field of a struct; UserError tells which fields there are."""
    names = getattr(getattr(record, "dtype", None), "names", None) or ()
    if key not in names:
        raise UserError(f"{where} has no field '{key}' (it has {', '.join(names) or 'none'})")
    return record[key]


def rows(value, columns: int, where: str) -> np.ndarray:
    """Numbers as float64 [N, columns]; whatever is empty (0x0, 0x2) has no rows."""
    found = np.asarray(value)
    if found.size == 0:
        return np.zeros((0, columns))
    if found.ndim != 2 or found.shape[1] < columns or found.dtype.kind not in "buif":
        shape = " x ".join(map(str, found.shape))
        raise UserError(f"{where} is {shape}, not N x {columns} numbers")
    return found[:, :columns].astype(np.float64)

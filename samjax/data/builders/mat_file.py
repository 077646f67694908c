"""MATLAB files read from a tree, by the names of their variables."""

import io
import zlib

import h5py
import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from samjax.data.builders.tree import Tree
from samjax.errors import UserError, one_line

# What scipy and h5py raise on damaged files.
DAMAGES = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, zlib.error, MatReadError)


def variables(tree: Tree, name: str) -> dict[str, np.ndarray]:
    """{variable: value} of a .mat file up to v7; of v7.3 the plain 2-d arrays alone."""
    data = tree.read(name)
    try:
        if h5py.is_hdf5(io.BytesIO(data)):
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


def _plain_arrays(data: bytes) -> dict[str, np.ndarray]:
    """HDF5 keeps MATLAB's columns first, so arrays arrive transposed."""
    with h5py.File(io.BytesIO(data)) as file:
        return {
            key: np.asarray(value).T
            for key, value in file.items()
            if isinstance(value, h5py.Dataset) and value.ndim == 2 and value.dtype.kind in "buif"
        }

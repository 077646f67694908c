"""MATLAB's files up to version 7 by others, read so that no more memory is taken than is allowed.

Version 7.3 is HDF5, see `samjax.files.hdf5`. SciPy reads the others, after their structure was
checked; a sparse matrix may declare any size, so that is looked at before it is filled.
"""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.io
from scipy.sparse import issparse

from samjax.errors import one_line
from samjax.files.limits import MAX_ARRAY_BYTES, check_array
from samjax.files.matlab5 import is_version_5, unpacked

MAX_DEPTH = 8
MAX_REASON = 100
NUMERIC = "buif"


def read_mat(data: bytes, max_bytes: int = MAX_ARRAY_BYTES) -> dict[str, Any]:
    """Return the variables of a file by their names, as `scipy.io.loadmat` gives them.

    Raises:
        ValueError: It is damaged, or unpacks to more than is allowed.
    """
    if is_version_5(data):
        data = unpacked(data, max_bytes)
    try:
        contents = scipy.io.loadmat(io.BytesIO(data))
    except Exception as error:  # SciPy raises exceptions of many kinds on damaged files
        reason = one_line(error)[:MAX_REASON]  # it may quote the whole header
        raise ValueError(f"it is damaged, or no file of MATLAB: {reason}") from error
    # loadmat adds __header__, __version__ and __globals__.
    return {key: value for key, value in contents.items() if not key.startswith("__")}


def matrices(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the arrays of numbers in a variable by name, those in its structs and cells too.

    Args:
        value: What `read_mat` gives for a variable.
        name: Of the variable; an array in a struct has the name of its field.
        depth: How many structs and cells are around it.

    Raises:
        ValueError: A sparse matrix is too large to be filled.
    """
    if issparse(value):
        check_array(value.shape, value.dtype)
        value.check_format(full_check=True)  # or what it names outside of itself would be written
        yield name, value.toarray()
        return
    if not isinstance(value, np.ndarray | np.void) or depth > MAX_DEPTH:
        return
    if value.dtype.names:
        for field in value.dtype.names:
            yield from matrices(value[field], field, depth + 1)
    elif value.dtype.kind == "O":
        for element in np.ravel(value)[:MAX_DEPTH]:
            yield from matrices(element, name, depth + 1)
    elif value.dtype.kind in NUMERIC and isinstance(value, np.ndarray):
        yield name, value

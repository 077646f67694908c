"""HDF5 files of others: one way to open them, in which no file reaches beyond itself.

An HDF5 file may name other files (external and soft links, external storage, virtual datasets) and
declare arrays of any size. Such links are refused, whatever the file is read as, and an array is
read only after its size was accepted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from samjax.errors import UserError, one_line
from samjax.files.limits import MAX_ARRAY_BYTES, check_array

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_ITEMS = 10_000  # groups and arrays that a file may have, more are a sign of damage
NUMERIC = "buif"  # kinds of dtypes: bool, unsigned, signed, float
SPARSE = "MATLAB_sparse"
"""The attribute of a group in which MATLAB 7.3 keeps a sparse matrix; its value is the rows."""


@contextmanager
def opened(source: Path | BinaryIO, name: str | Path) -> Iterator[h5py.File]:
    """Open a file for reading while a block runs.

    Args:
        source: The path of the file, or its bytes as a stream.
        name: What messages call it.

    Raises:
        UserError: The file is damaged. What the block reads of it may still raise all that h5py
            raises.
    """
    try:
        file = h5py.File(source, "r")
    except Exception as error:  # h5py raises exceptions of many kinds on damaged files
        raise UserError(f"{name}: damaged or truncated HDF5 file: {one_line(error)}") from error
    with file:
        yield file


def inside(group: h5py.Group, name: str, file: str | Path) -> Any:
    """Return `group[name]`, walked link by link so that none leads elsewhere.

    Args:
        group: Where the name begins.
        name: Names of groups and at last of an item, with slashes between.
        file: What messages call the file.

    Raises:
        UserError: There is no such item, or it is behind a link, or stored in another file.
    """
    node = group
    for part in name.split("/"):
        link = node.get(part, getlink=True) if isinstance(node, h5py.Group) else None
        if link is None:
            raise UserError(f"{file}: {name} of {group.name} is listed but missing")
        if not isinstance(link, h5py.HardLink):
            raise UserError(f"{file}: {name} of {group.name} is a link to elsewhere; refused")
        node = node[part]
    if isinstance(node, h5py.Dataset) and (node.external or node.is_virtual):
        raise UserError(f"{file}: {name} is stored in another file; refused")
    return node


def arrays(file: h5py.File, name: str | Path) -> Iterator[tuple[str, h5py.Dataset | h5py.Group]]:
    """Yield the arrays of numbers in a file by their paths; a group stands for a sparse matrix.

    Groups whose names begin with # are MATLAB's own and are left out.

    Args:
        file: The open file.
        name: What messages call it.

    Raises:
        UserError: A link leads elsewhere, or there are too many items.
    """
    seen: set[Any] = set()
    waiting = [""]
    while waiting:
        path = waiting.pop(0)
        node = inside(file, path, name) if path else file
        place = h5py.h5o.get_info(node.id).addr
        if place in seen:  # two names of one item, or a group that holds itself
            continue
        seen.add(place)
        if isinstance(node, h5py.Dataset):
            if node.dtype.kind in NUMERIC:
                yield path, node
        elif isinstance(node, h5py.Group) and SPARSE in node.attrs:
            yield path, node
        elif isinstance(node, h5py.Group):
            waiting += [f"{path}/{key}".lstrip("/") for key in node if not key.startswith("#")]
        if len(seen) + len(waiting) > MAX_ITEMS:
            raise UserError(f"{name}: holds more than {MAX_ITEMS} items; refused")


def read_array(node: h5py.Dataset | h5py.Group, max_bytes: int = MAX_ARRAY_BYTES) -> np.ndarray:
    """Return an array of `arrays`, after its size was accepted.

    Raises:
        ValueError: It declares more bytes than are allowed, or is damaged.
    """
    if isinstance(node, h5py.Group):
        return _read_sparse(node, max_bytes)
    shape = tuple(node.shape or ())
    check_array(shape, node.dtype, max_bytes)
    if node.chunks:  # a chunk is unpacked as a whole, even where the array is smaller
        check_array(node.chunks, node.dtype, max_bytes)
    return np.asarray(node[()])


def _read_sparse(group: h5py.Group, max_bytes: int) -> np.ndarray:
    """Return a sparse matrix of MATLAB 7.3 as a full one, with MATLAB's columns first."""
    from scipy.sparse import csc_matrix

    parts = [read_array(inside(group, key, group.name), max_bytes) for key in ("data", "ir", "jc")]
    values, rows, starts = (np.ravel(part) for part in parts)
    height, width = int(group.attrs[SPARSE]), len(starts) - 1
    check_array((height, width), values.dtype, max_bytes)
    matrix = csc_matrix((values, rows.astype(np.int64), starts.astype(np.int64)), (height, width))
    matrix.check_format(full_check=True)  # or what it names outside of itself would be written
    return matrix.toarray().T

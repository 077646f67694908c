"""What a MATLAB file up to v7 promises, compared with what it holds before SciPy reads it.

SciPy makes room for what a file promises, follows cells within cells without end, and crashes on
types of elements that it does not know. The format is that of MathWorks, MAT-File Level 5: elements
of a tag (type, bytes) and data, some compressed, and matrices with flags, dimensions, a name and
values.
"""

import math
import struct
import zlib

from samjax.data.raw.bounded import expansion_limit
from samjax.errors import UserError
from samjax.files.limits import MAX_FILE_BYTES

HEADER = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 12, 13))  # of 1 to 8 bytes, whole or not
TEXTS = frozenset((16, 17, 18))  # UTF-8, 16 and 32
CELL, STRUCT, OBJECT, CHARACTERS, SPARSE, LAST_NUMBERS = 1, 2, 3, 4, 5, 15
INSIDE = {
    CELL: frozenset((MATRIX,)),
    STRUCT: frozenset((1, 5, MATRIX)),  # the names of fields stand before the matrices
    OBJECT: frozenset((1, 5, MATRIX)),
    CHARACTERS: NUMBERS | TEXTS,
}
"""The types of elements that hold the values of a matrix, by its class; of others NUMBERS."""
MAX_DEPTH = 40
"""How deep cells and structs may lie in one another; published datasets have 8 levels."""


def check_mat(data: bytes, name: str) -> None:
    """Check that a file of level 5 holds what it promises; other levels are not looked at.

    Raises:
        UserError: It does not, or is nested too deep.
    """
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        return
    try:
        _Scan(order, min(MAX_FILE_BYTES, expansion_limit(len(data)))).elements(data, HEADER, 0)
    except (ValueError, struct.error, zlib.error, OverflowError) as error:
        raise UserError(f"{name} cannot be read as a MATLAB file ({error})") from error


class _Scan:
    def __init__(self, order: str, limit: int) -> None:
        self._tag = struct.Struct(f"{order}II")
        self._half = struct.Struct(f"{order}I")
        self._order = order
        self._left = limit  # bytes that may still be unpacked

    def elements(
        self, data: bytes | memoryview, start: int, depth: int, types: frozenset[int] | None = None
    ) -> None:
        """Check each element from `start` on; `types` are those that it may have."""
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
        view = memoryview(data)
        while start + 8 <= len(view):
            kind, begin, stop, after = self._element(view, start)
            if types is not None and kind not in types:
                raise ValueError(f"it has an element of the type {kind} in a wrong place")
            if kind == COMPRESSED:
                self.elements(self._unpack(view[begin:stop]), 0, depth + 1)
                after = stop  # compressed elements are not padded
            elif kind == MATRIX and stop > begin:
                self._matrix(view[begin:stop], depth)
            start = after

    def _element(self, view: memoryview, start: int) -> tuple[int, int, int, int]:
        """Return an element's type, where its data begin and end, and where the next begins."""
        kind, size = self._tag.unpack_from(view, start)
        if kind >> 16:  # small elements have both in the first half of the tag
            return kind & 0xFFFF, start + 4, start + 4 + (kind >> 16), start + 8
        stop = start + 8 + size
        if stop > len(view):
            raise ValueError(f"it promises {size:,} bytes where {len(view) - start - 8:,} are left")
        return kind, start + 8, stop, stop + -size % 8

    def _unpack(self, packed: memoryview) -> bytes:
        unpacking = zlib.decompressobj()
        unpacked = unpacking.decompress(packed, self._left)
        self._left -= len(unpacked)
        if unpacking.unconsumed_tail or not self._left:
            raise ValueError("it unpacks to far more than a file of its size holds")
        return unpacked

    def _matrix(self, view: memoryview, depth: int) -> None:
        _, begin, _, after = self._element(view, 0)
        (flags,) = self._half.unpack_from(view, begin)
        _, begin, stop, after = self._element(view, after)
        dimensions = struct.unpack(f"{self._order}{(stop - begin) // 4}i", view[begin:stop])
        matrix_class = flags & 0xFF
        values = math.prod(dimensions)
        # Each value takes a byte at least; of sparse matrices only those that are not 0 are there.
        if min(dimensions, default=0) < 0 or (matrix_class != SPARSE and values > len(view)):
            shape = " x ".join(map(str, dimensions))
            raise ValueError(f"it promises a matrix of {shape} in {len(view):,} bytes")
        if matrix_class <= LAST_NUMBERS:
            # Behind the name, which is an element of its own.
            _, _, _, after = self._element(view, after)
            self.elements(view, after, depth + 1, INSIDE.get(matrix_class, NUMBERS))

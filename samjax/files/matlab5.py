"""The structure of MATLAB's files of version 5, checked before SciPy reads them.

A file is a header and elements. An element is a tag (a type and a number of bytes) and data, padded
to eight bytes; a matrix is an element whose data are elements. SciPy trusts the types: a number
that is none ends the whole process. ("MAT-File Format", The MathWorks.)
"""

import math
import zlib
from collections.abc import Iterator
from typing import NamedTuple

HEADER = 128
MATRIX, COMPRESSED = 14, 15
NUMBERS = frozenset((*range(1, 8), 9, 12, 13))
TEXTS = frozenset((16, 17, 18))
NUMERIC_CLASSES = frozenset((*range(5, 16),))  # sparse ones, and all kinds of numbers
CHAR_CLASS, SPARSE_CLASS = 4, 5
FLAGS = 6  # the type of the first element of a matrix
BLOCK = 2**20
MAX_DEPTH = 20


class Element(NamedTuple):
    """An element: its type, and its data."""

    kind: int
    data: memoryview


def is_version_5(data: bytes) -> bool:
    """Return whether a file begins as one of version 5 does."""
    return data[124:128] in (b"\x00\x01IM", b"\x01\x00MI")


def unpacked(data: bytes, max_bytes: int) -> bytes:
    """Return a file of version 5 with the same matrices, none of them compressed.

    Raises:
        ValueError: Its structure is damaged, or it unpacks to more bytes than are allowed.
    """
    order = "little" if data[126:128] == b"IM" else "big"
    parts, left = [data[:HEADER]], max_bytes
    for element in _elements(memoryview(data)[HEADER:], order):
        if element.kind == COMPRESSED:
            content = _unpack(element.data, left)
            left -= len(content)
            inner = list(_elements(memoryview(content), order))
        else:
            content, inner = b"", [element]
        for matrix in inner:
            if matrix.kind != MATRIX:
                raise ValueError(f"an element of type {matrix.kind} stands where a matrix should")
            _check_matrix(matrix.data, order, 0)
            size = len(matrix.data)
            parts += [MATRIX.to_bytes(4, order), size.to_bytes(4, order)]  # type: ignore[arg-type]
            parts += [bytes(matrix.data), bytes(-size % 8)]
    return b"".join(parts)


def _elements(data: memoryview, order: str) -> Iterator[Element]:
    """Yield the elements that follow one another in some bytes."""
    place = 0
    while place + 8 <= len(data):
        first = int.from_bytes(data[place : place + 4], order)  # type: ignore[arg-type]
        if first >> 16:  # a small element: its data stand in the tag itself
            kind, size = first & 0xFFFF, first >> 16
            if size > 4:
                raise ValueError(f"a small element declares {size} bytes")
            yield Element(kind, data[place + 4 : place + 4 + size])
            place += 8
            continue
        size = int.from_bytes(data[place + 4 : place + 8], order)  # type: ignore[arg-type]
        place += 8
        if size > len(data) - place:
            raise ValueError(f"an element declares {size} bytes, and {len(data) - place} follow")
        yield Element(first, data[place : place + size])
        # A compressed element has no padding.
        place += size if first == COMPRESSED else size + -size % 8


def _check_matrix(data: memoryview, order: str, depth: int) -> None:
    """Check the types of the elements of a matrix, and of the matrices in it."""
    if not data:  # an empty matrix
        return
    if depth > MAX_DEPTH:
        raise ValueError("its structs are nested too deep")
    flags, *others = _elements(data, order)
    if flags.kind != FLAGS or len(flags.data) != 8:
        raise ValueError("a matrix does not begin with its flags")
    of_class = flags.data[0] if order == "little" else flags.data[3]
    if others and of_class != SPARSE_CLASS:
        _check_size(others[0].data, order, len(data))
    for number, element in enumerate(others):
        if element.kind == MATRIX and of_class not in (CHAR_CLASS, *NUMERIC_CLASSES):
            _check_matrix(element.data, order, depth + 1)
        elif number < 2:  # the dimensions, and the name
            _require(element, NUMBERS)
        else:
            _require(element, NUMBERS if of_class in NUMERIC_CLASSES else NUMBERS | TEXTS)


def _check_size(dimensions: memoryview, order: str, size: int) -> None:
    """Check that a matrix promises no more values than its bytes: SciPy makes room for them all."""
    sides = [
        int.from_bytes(dimensions[i : i + 4], order, signed=True)  # type: ignore[arg-type]
        for i in range(0, len(dimensions) - 3, 4)
    ]
    if min(sides, default=0) < 0 or math.prod(sides) > size:
        shape = " x ".join(map(str, sides))
        raise ValueError(f"it promises a matrix of {shape} in {size:,} bytes")


def _require(element: Element, kinds: frozenset[int]) -> None:
    if element.kind not in kinds:
        raise ValueError(f"an element has the type {element.kind}, which is none of its place")


def _unpack(packed: memoryview, limit: int) -> bytes:
    """Return the bytes that zlib has packed.

    Raises:
        ValueError: They are damaged, or more than the limit.
    """
    unpacker, parts, total = zlib.decompressobj(), [], 0
    rest = bytes(packed)
    try:
        while rest and total <= limit:
            parts.append(unpacker.decompress(rest, BLOCK))
            total += len(parts[-1])
            rest = unpacker.unconsumed_tail
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    if total > limit:
        raise ValueError(f"it unpacks to more than {limit / 2**20:,.0f} MiB, and no more are read")
    if not unpacker.eof:
        raise ValueError("it is cut off")
    return b"".join(parts)

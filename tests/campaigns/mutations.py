"""Damage to the bytes of a file: cuts, flipped bits, bytes put in or taken out, extreme numbers.

A mutant is a function of the good bytes and a generator of random numbers, so that a number names
it for good.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

HEADER = 512
"""Bytes at the beginning in which headers have their numbers."""
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**40)
TEXTS = (
    *(b"-1", b"0", b"1e400", b"nan", b"inf", b"999999999999999999999", b"1" * 5000, b"", b"\0"),
    *(b'"', b"\n", b"\r", b";", b"\t", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"}" * 50, b"[" * 3000),
)
ZIP = b"PK\3\4"
PNG = b"\x89PNG\r\n\x1a\n"

Mutation = Callable[[bytearray, np.random.Generator], None]


def cut(data: bytearray, rng: np.random.Generator) -> None:
    """Keep the beginning only."""
    del data[_place(data, rng) :]


def behead(data: bytearray, rng: np.random.Generator) -> None:
    """Keep the end only."""
    del data[: _place(data, rng)]


def flip(data: bytearray, rng: np.random.Generator) -> None:
    """Flip from 1 to 16 bits anywhere."""
    for _ in range(int(rng.integers(1, 17))):
        if data:
            data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def insert(data: bytearray, rng: np.random.Generator) -> None:
    """Put random bytes in."""
    place = _place(data, rng)
    data[place:place] = rng.bytes(int(rng.integers(1, 65)))


def remove(data: bytearray, rng: np.random.Generator) -> None:
    """Take bytes out."""
    place = _place(data, rng)
    del data[place : place + int(rng.integers(1, 65))]


def extreme(data: bytearray, rng: np.random.Generator) -> None:
    """Set a field of the header, in either order of bytes, to an extreme number."""
    size, order = int(rng.choice([1, 2, 4, 8])), str(rng.choice(["<", ">"]))
    value = int(rng.choice(EXTREMES)) % 256**size
    number = struct.pack(order + {1: "B", 2: "H", 4: "I", 8: "Q"}[size], value)
    place = int(rng.integers(0, max(min(len(data), HEADER) - size, 1)))
    data[place : place + size] = number


def text(data: bytearray, rng: np.random.Generator) -> None:
    """Put an odd text in the place of some bytes."""
    place = _place(data, rng)
    data[place : place + int(rng.integers(0, 9))] = TEXTS[int(rng.integers(len(TEXTS)))]


def swap(data: bytearray, rng: np.random.Generator) -> None:
    """Exchange two blocks, as members of an archive or columns of a table in the wrong places."""
    size = int(rng.integers(1, max(len(data) // 4, 2)))
    first, second = sorted((_place(data, rng), _place(data, rng)))
    second = max(second, first + size)
    a, b = data[first : first + size], data[second : second + size]
    data[first : first + size], data[second : second + size] = b, a


def repeat(data: bytearray, rng: np.random.Generator) -> None:
    """Write a block several times."""
    place, size = _place(data, rng), int(rng.integers(1, 257))
    data[place:place] = data[place : place + size] * int(rng.integers(1, 9))


def blank(data: bytearray, rng: np.random.Generator) -> None:
    """Overwrite a block with zeros or ones, as a disk that lost a sector."""
    place, size = _place(data, rng), int(rng.integers(1, 513))
    size = min(size, len(data) - place)
    data[place : place + size] = bytes([int(rng.choice([0, 255]))]) * size


MUTATIONS: tuple[Mutation, ...] = (
    cut, behead, flip, flip, insert, remove, extreme, extreme, extreme, text, swap, repeat, blank
)  # fmt: skip


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes with one to three damages, mostly one: several are found too easily."""
    # What is packed is mostly refused by a checksum, before anything else in it is looked at.
    if data.startswith(ZIP) and rng.random() < 0.6:
        return _inside_archive(data, rng)
    mutant = bytearray(data)
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        MUTATIONS[int(rng.integers(len(MUTATIONS)))](mutant, rng)
    if mutant.startswith(PNG) and rng.random() < 0.7:
        mutant = _with_checksums(mutant)
    return bytes(mutant)


def _inside_archive(data: bytes, rng: np.random.Generator) -> bytes:
    """Return an archive with a damaged member, or with the contents of two members exchanged."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
        packing = archive.infolist()[0].compress_type
    names = sorted(members)
    first, second = (names[int(rng.integers(len(names)))] for _ in range(2))
    if first != second and rng.random() < 0.3:
        members[first], members[second] = members[second], members[first]
    else:
        members[first] = mutate(members[first], rng)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, packing)
    return stream.getvalue()


def _place(data: bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(0, max(len(data), 1)))


def _with_checksums(data: bytearray) -> bytearray:
    """Return a PNG whose chunks have the checksums of what they hold."""
    place = len(PNG)
    while place + 12 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        end = place + 8 + size
        if end + 4 > len(data):
            break
        data[end : end + 4] = zlib.crc32(data[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return data

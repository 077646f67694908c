"""Reading TFRecord files without TensorFlow.

A record is its length (uint64, little-endian), the length's checksum (uint32), the data, and the
data's checksum (uint32). The checksums are CRC-32C, rotated by 15 bits plus a constant.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from samjax.errors import UserError

HEADER = struct.Struct("<QI")
FOOTER = struct.Struct("<I")
MASK_DELTA = 0xA282EAD8


def read_tfrecord(path: str | Path) -> Iterator[bytes]:
    """Yield the records of a file in order; UserError names a damaged one by its number from 0."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        number = 0
        while header := file.read(HEADER.size):
            yield _record(file, header, size, f"{path}: record {number}")
            number += 1


def masked_checksum(data: bytes) -> int:
    """Return the checksum as TFRecord files store it."""
    checksum = google_crc32c.value(data)
    return ((checksum >> 15 | checksum << 17) + MASK_DELTA) & 0xFFFFFFFF


def _record(file: BinaryIO, header: bytes, size: int, where: str) -> bytes:
    if len(header) < HEADER.size:
        raise UserError(f"{where} is cut off; get the file again")
    length, checksum = HEADER.unpack(header)
    if masked_checksum(header[:8]) != checksum:
        raise UserError(f"{where} has a damaged length; get the file again")
    # Checked before reading: a damaged length could ask for all memory.
    if length + FOOTER.size > size - file.tell():
        raise UserError(f"{where} is cut off; get the file again")
    data = file.read(length)
    if (masked_checksum(data),) != FOOTER.unpack(file.read(FOOTER.size)):
        raise UserError(f"{where} is damaged (its checksum differs); get the file again")
    return data

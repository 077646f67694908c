"""Pictures as files, each of which appears at once or not at all."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from samjax.errors import UserError
from samjax.files.atomic import write_atomic
from samjax.files.limits import strips

PNG = b"\x89PNG\r\n\x1a\n"
UP = 2  # the number of the filter that subtracts the row above


def write_picture(path: str | Path, pixels: np.ndarray) -> Path:
    """Write RGB pixels, uint8 [H, W, 3], in the format of the path's ending; return the path.

    Raises:
        UserError: The format is unknown.
    """
    try:
        is_done, data = cv2.imencode(Path(path).suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    except cv2.error as error:
        raise UserError(f"{path}: no picture can be written with this ending") from error
    if not is_done:
        raise UserError(f"{path}: a picture of {pixels.shape} cannot be written so")
    return write_atomic(path, data.tobytes())


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Let OpenCV use no threads of its own while a block works on many pictures at once.

    Its threads wait for each other several times per strip, which doubles the CPU time.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def smooth_png(levels: np.ndarray) -> bytes:
    """Return a smooth map, uint8 [H, W], as a PNG of grey levels.

    Less the row above (the filter Up), a smooth map is zeros for the most part, for which runs are
    the best that can be looked for. It takes .8 of the time of OpenCV's own encoder, and .6 of the
    bytes.
    """
    height, width = levels.shape
    deflate = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    above = np.zeros((1, width), np.uint8)
    parts = []
    for rows in strips(levels.shape):
        part = levels[rows]
        filtered = np.full((len(part), width + 1), UP, np.uint8)
        np.subtract(part[:1], above, out=filtered[:1, 1:])
        np.subtract(part[1:], part[:-1], out=filtered[1:, 1:])
        above = part[-1:]
        parts.append(deflate.compress(filtered.data))
    parts.append(deflate.flush())
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # 8 bit, grey
    chunks = ((b"IHDR", header), (b"IDAT", b"".join(parts)), (b"IEND", b""))
    return PNG + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG: its length, name, content and checksum."""
    checksum = zlib.crc32(data, zlib.crc32(name))
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

"""An animated WebP, written frame by frame.

Pillow takes all frames of an animation at once. Here it encodes each as a picture of its own, whose
data are put into the container one after the other, so that no length fills the memory. The format
is that of Google's "WebP Container Specification".
"""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from samjax.errors import UserError
from samjax.files.atomic import atomic
from samjax.pictures.marks import MARK

MAX_SIDE = 16383
QUALITY = 90
ANIMATION = 2  # the flag of a file, and of a frame that covers the one before


class WebpWriter:
    """Writes frames into a file as an animation that repeats."""

    def __init__(self, file: IO[bytes]) -> None:
        """Write into a file that is open for it."""
        self._file = file
        self._size: tuple[int, int] | None = None

    def write(self, pixels: np.ndarray, time: float, duration: float) -> None:
        """Write a frame.

        Args:
            pixels: uint8 [H, W, 3] RGB, of the same size as all others.
            time: When it begins, in seconds.
            duration: How long it is shown, in seconds; both are rounded to milliseconds.
        """
        height, width = pixels.shape[:2]
        if self._size is None:
            self._begin(height, width)
        encoded = io.BytesIO()
        Image.fromarray(pixels).save(encoded, "WEBP", quality=QUALITY, method=2)
        # Ends are rounded, so that rounding does not add up.
        shown = round((time + duration) * 1000) - round(time * 1000)
        head = bytes(6) + _three(width - 1) + _three(height - 1) + _three(shown)
        self._chunk(b"ANMF", head + bytes([ANIMATION]) + encoded.getvalue()[12:])

    def finish(self) -> None:
        """Write the size of the file into its header."""
        size = self._file.tell() - 8
        self._file.seek(4)
        self._file.write(struct.pack("<I", size))

    def _begin(self, height: int, width: int) -> None:
        """Write the header of the file."""
        if max(height, width) > MAX_SIDE:
            raise UserError(
                f"an animated WebP has at most {MAX_SIDE} pixels a side, not {width} x {height}"
            )
        self._size = height, width
        self._file.write(b"RIFF\0\0\0\0WEBP")
        sides = _three(width - 1) + _three(height - 1)
        self._chunk(b"VP8X", bytes([ANIMATION, 0, 0, 0]) + sides)
        self._chunk(b"ANIM", bytes(6))  # a background that is never seen, and no end of repeating
        self._chunk(b"smjx", MARK)  # readers skip what they do not know

    def _chunk(self, name: bytes, data: bytes) -> None:
        """Write a chunk, which begins at an even place."""
        self._file.write(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2))


def _three(number: int) -> bytes:
    """Return a number in three bytes, the least first."""
    return struct.pack("<I", number)[:3]


@contextmanager
def webp_writer(path: Path) -> Iterator[WebpWriter]:
    """Give a writer of an animation, which appears under its name when the block has ended well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as partial, partial.open("wb") as file:
        writer = WebpWriter(file)
        yield writer
        writer.finish()

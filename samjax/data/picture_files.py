"""Opening a file of a picture, of any format that people have, before its pixels are decoded.

Every picture of the program is opened here: photographs, stimuli, and pictures that are maps. A
header may declare any size, so that is compared with a limit before memory is taken.
"""

import io
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, TiffImagePlugin

from samjax.errors import UserError, one_line
from samjax.extras import how_to_install
from samjax.files.limits import MAX_FILE_BYTES, read_file

MAX_PIXELS = 2**27
"""Pixels that a picture may have unless the user allows more: 134 million, as 13,377 x 10,033."""
VARIABLE = "SAMJAX_MAX_PIXELS"
"""The environment variable with another limit."""

FORMATS = (
    *("JPEG", "MPO", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "PPM", "JPEG2000", "TGA"),
    *("AVIF", "ICO", "HEIF", "PCX", "SGI", "QOI", "PSD"),
)
"""Pillow's names of the formats that are read. Its others draw with programs of the system, or are
rare enough not to be worth their risks."""

USUAL = {b"\xff\xd8\xff": ("JPEG",), b"\x89PNG\r\n\x1a\n": ("PNG",)}
"""The formats of files that begin so: the others need not be imported to read these."""

TIFF = (b"II*\0", b"MM\0*")
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")

# Pillow warns of odd but readable files, in several lines on standard error.
warnings.filterwarnings("ignore", module=r"PIL\.")
# It refuses twice as much as this, in pictures inside of pictures too (as an icon has them).
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2


class TooManyPixels(UserError):
    """A picture has more pixels than are read."""


class Undecodable(Exception):
    """A picture that Pillow does not know, and OpenCV may.

    Attributes:
        data: Its bytes.
        size: (height, width) in stored pixels.
        orientation: See `samjax.data.orientation`.
    """

    def __init__(self, data: bytes, size: tuple[int, int], orientation: int) -> None:
        """Keep what the header tells."""
        super().__init__()
        self.data, self.size, self.orientation = data, size, orientation


def max_pixels(allowed: int | None = None) -> int:
    """Return how many pixels a picture may have: as allowed, as the environment says, or usual.

    Raises:
        UserError: The environment variable is no positive number.
    """
    if allowed is None and (text := os.environ.get(VARIABLE, "")):
        if not text.isdecimal() or not int(text):
            raise UserError(f"{VARIABLE}={text} is no number of pixels; give one such as 500000000")
        allowed = int(text)
    if allowed is None:
        return MAX_PIXELS
    # Never lowered: other threads may read what they were allowed.
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, -(-allowed // 2))
    return allowed


@contextmanager
def opened(source: bytes | Path, allowed: int | None = None) -> Iterator[Image.Image]:
    """Open a picture while a block runs, which decodes it.

    Args:
        source: The bytes of the file, or its path.
        allowed: How many pixels it may have, see `max_pixels`.

    Raises:
        UserError: It is no picture, damaged or too large; the message does not name it.
        Undecodable: OpenCV may read it.
    """
    limit = max_pixels(allowed)
    try:
        data = source if isinstance(source, bytes) else _read(source, limit)
    except OSError as error:
        raise UserError(error.strerror or one_line(error)) from error
    try:
        with Image.open(io.BytesIO(data), formats=_formats_of(data)) as image:
            _check(image.size[::-1], limit)
            yield image
    except (UserError, Undecodable):
        raise
    except Image.DecompressionBombError as error:  # beyond Pillow's own limit, which is higher
        number = re.search(r"\((\d+) pixels\)", str(error))
        raise TooManyPixels(_too_many(int(number[1]) if number else 0, limit)) from error
    except Image.UnidentifiedImageError as error:
        if data.startswith(TIFF):
            raise _unknown_tiff(data, limit) from error
        raise UserError(_unknown(data)) from error
    # Decoders of damaged files raise exceptions of all kinds, and no list of them was ever whole.
    except Exception as error:
        raise UserError(one_line(error)) from error


def _read(path: Path, limit: int) -> bytes:
    """Return the bytes of a file; one of more pixels may have more of them, of 16 bit in RGBA."""
    return read_file(path, max(MAX_FILE_BYTES, 8 * limit))


def _formats_of(data: bytes) -> tuple[str, ...]:
    """Return the formats that a file may be of."""
    return next((USUAL[head] for head in USUAL if data.startswith(head)), None) or _formats()


@cache
def _formats() -> tuple[str, ...]:
    """Return the formats of FORMATS that this installation reads."""
    Image.init()
    try:
        from pillow_heif import register_heif_opener

        register_heif_opener()
    except ImportError:
        pass
    return tuple(name for name in FORMATS if name in Image.OPEN)


def reads_heif() -> bool:
    """Return whether HEIC files can be read: whether pillow-heif is installed."""
    return "HEIF" in _formats()


def _check(size: tuple[int, int], limit: int) -> None:
    """Raise UserError where a picture of this (height, width) has too many pixels."""
    height, width = size
    if height * width > limit:
        raise TooManyPixels(f"{width} x {height}: {_too_many(height * width, limit)}")


def _too_many(pixels: int, limit: int) -> str:
    """Return that a picture has too many pixels, and how to allow them."""
    return (
        f"it declares {pixels:,} pixels, and at most {limit:,} are read; allow more with "
        f"--max-pixels={pixels}, or with {VARIABLE}"
    )


def _unknown(data: bytes) -> str:
    """Return why a file that is no known picture cannot be read."""
    if not data:
        return "it is empty"
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS and not reads_heif():
        return f"a HEIC picture needs pillow-heif; run: {how_to_install('heif')}"
    return "it is no picture, damaged, or of a format that is not read"


class _TiffHeader(NamedTuple):
    """The tags of a TIFF file that are needed before it is decoded."""

    height: int
    width: int
    orientation: int


def _unknown_tiff(data: bytes, limit: int) -> Exception:
    """Return what to raise for a TIFF of kinds of samples that Pillow does not know."""
    try:
        stream = io.BytesIO(data)
        directory = TiffImagePlugin.ImageFileDirectory_v2(stream.read(8))
        stream.seek(directory.next)
        directory.load(stream)
        header = _TiffHeader(
            int(directory[257]), int(directory[256]), int(directory.get(274, 1) or 1)
        )
        _check((header.height, header.width), limit)
    except UserError as error:
        return error
    except Exception:  # a damaged directory
        return UserError(_unknown(data))
    if header.height < 1 or header.width < 1:
        return UserError(_unknown(data))
    orientation = header.orientation if header.orientation in range(1, 9) else 1
    return Undecodable(data, (header.height, header.width), orientation)

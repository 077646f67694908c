"""What the header of an encoded image tells, without decoding it: its size and its orientation."""

from pathlib import Path

from samjax.data.orientation import orientation_of
from samjax.data.picture_files import Undecodable, opened
from samjax.errors import UserError


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (height, width) in stored pixels of a JPEG from its header; None for all else."""
    if not data.startswith(b"\xff\xd8"):
        return None
    try:
        return stored_size(data)
    except UserError:
        return None


def stored_size(source: bytes | Path) -> tuple[int, int]:
    """Return (height, width) in stored pixels as an image's header tells them.

    Raises:
        UserError: The data are no image.
    """
    return image_header(source)[0]


def image_header(
    source: bytes | Path, max_pixels: int | None = None
) -> tuple[tuple[int, int], int]:
    """Return (height, width) in stored pixels, and the orientation in the EXIF data.

    Raises:
        UserError: The data are no image, or an image that is too large.
    """
    try:
        with opened(source, max_pixels) as image:
            return (image.height, image.width), orientation_of(image)
    except Undecodable as unknown:
        return unknown.size, unknown.orientation

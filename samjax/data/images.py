"""From encoded images to arrays, by one decoder for photographs, stimuli and pictures of maps.

A stimulus keeps the order of pixels of its file, to which the eye tracker's fixations refer. A
photograph is turned as its EXIF data say, as people see it. Apart from that the two are the same
pixels, bit for bit.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from samjax.data.orientation import orientation_of, turned
from samjax.data.picture_files import Undecodable, opened
from samjax.data.pixels import rgb, rgb_of_array
from samjax.errors import UserError
from samjax.files.limits import alone_if_large

# OpenCV's own warnings about damaged files would take several lines on standard error.
if hasattr(cv2, "setLogLevel"):  # OpenCV 4
    cv2.setLogLevel(0)
else:
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
UNCHANGED = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION


def decode_image(
    source: bytes | Path, *, upright: bool, divisor: int = 1, max_pixels: int | None = None
) -> np.ndarray:
    """Decode an image of any format, as every part of the program does.

    Args:
        source: The bytes of the file, or its path.
        upright: Whether to turn it as its EXIF data say; else it is as it is stored.
        divisor: 1, 2, 4 or 8; a JPEG is decoded to so much smaller an image, sizes rounded up.
        max_pixels: How many pixels it may have, see `samjax.data.picture_files.max_pixels`.

    Returns:
        RGB uint8 [H, W, 3], see `samjax.data.pixels`.

    Raises:
        UserError: It is damaged, truncated, too large, or no image. The message does not name it.
    """
    try:
        with opened(source, max_pixels) as image:
            if divisor > 1:
                image.draft(None, (-(-image.width // divisor), -(-image.height // divisor)))
            with alone_if_large(image.width * image.height):
                orientation = orientation_of(image) if upright else 1
                return turned(rgb(image), orientation)
    except Undecodable as unknown:  # such as a TIFF of 16-bit colours
        array = _decode_by_opencv(unknown.data, UNCHANGED)
        return turned(rgb_of_array(array), unknown.orientation if upright else 1)


def decode_stimulus(data: bytes, divisor: int = 1) -> np.ndarray:
    """Decode an image in STORED pixels: EXIF rotation is ignored, see `decode_image`.

    Fixations refer to the pixels of the file.

    Args:
        data: The encoded image.
        divisor: 1, 2, 4 or 8; a JPEG is decoded to so much smaller an image, sizes rounded up.

    Returns:
        uint8 [H, W, 3] RGB.

    Raises:
        UserError: The image cannot be decoded.
    """
    try:
        return decode_image(data, upright=False, divisor=divisor)
    except UserError as error:
        raise UserError(f"cannot decode an image of {len(data)} bytes: {error}") from error


def read_photo(
    path: str | Path,
    max_pixels: int | None = None,
    *,
    divisor: int = 1,
    upright: bool = True,
) -> np.ndarray:
    """Read any photograph to uint8 [H, W, 3] RGB as a person sees it, see `decode_image`.

    Args:
        path: The file.
        max_pixels: How many pixels it may have.
        divisor: A JPEG is decoded to so much smaller an image.
        upright: False for the pixels as they are stored, as those of a stimulus.

    Raises:
        UserError: The file cannot be read as an image.
    """
    try:
        return decode_image(Path(path), upright=upright, max_pixels=max_pixels, divisor=divisor)
    except UserError as error:
        raise UserError(f"{path}: cannot be read as an image ({error})") from error


def photo_pixels(image: Image.Image) -> np.ndarray:
    """Return a Pillow image as uint8 [H, W, 3] RGB as a person sees it, like `read_photo`."""
    return turned(rgb(image), orientation_of(image))


def decode_density(data: bytes) -> np.ndarray:
    """Decode a published density map to float32 [H, W], with its values as stored (8 or 16 bit).

    Colours are averaged.

    Raises:
        UserError: The map cannot be decoded.
    """
    try:
        density = decode_levels(data)
    except UserError as error:
        raise UserError(
            f"cannot decode a density map of {len(data)} bytes ({error}); store it as a PNG"
        ) from error
    if density.ndim == 3:  # a map that was saved as colour; an alpha channel is not density
        density = density[..., :3] if density.shape[-1] > 2 else density[..., :1]
        density = density.mean(axis=-1)
    return density.astype(np.float32)


def decode_levels(data: bytes) -> np.ndarray:
    """Decode a picture to its values as stored, of any type: [H, W] or BGR(A) [H, W, C].

    Raises:
        UserError: It is no picture, damaged, truncated or too large.
    """
    try:
        with opened(data) as image:
            image.load()  # OpenCV alone would give the lower part of a truncated file as black
            if image.mode == "L" or image.mode.startswith("I;16"):
                return np.asarray(image)
    except Undecodable:
        pass  # OpenCV may know it
    return _decode_by_opencv(data, UNCHANGED)


def check_image(data: bytes) -> tuple[int, int]:
    """Decode the whole image and return its (height, width) in stored pixels.

    Raises:
        UserError: The image is damaged, truncated or none at all.
    """
    try:
        with opened(data) as image:
            size = image.height, image.width
            image.draft(None, (1, 1))  # reads all of a JPEG, but does not compute every pixel
            image.load()
            return size
    except Undecodable as unknown:
        _decode_by_opencv(unknown.data, UNCHANGED)
        return unknown.size


def _decode_by_opencv(data: bytes, flags: int) -> np.ndarray:
    """Decode an image by OpenCV with its IMREAD flags; UserError if it cannot."""
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # an empty buffer, or more pixels than OpenCV accepts
        image = None
    if image is None:
        raise UserError("it is no picture, damaged, or of a format that is not read")
    return image

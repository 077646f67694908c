"""From encoded images to RGB arrays.

Stimuli keep the pixels of the file, to which the eye tracker's fixations refer. Photographs are
read as people see them.
"""

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from samjax.errors import UserError

# Pillow warns beyond this and refuses twice as much; panoramas exceed its default.
Image.MAX_IMAGE_PIXELS = 2**29

# How OpenCV reads a stimulus.
STIMULUS = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
# How OpenCV reduces a JPEG while it decodes. It calls the flags grey; with IMREAD_COLOR_RGB the
# images are not.
REDUCED = {
    1: 0,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


def decode_stimulus(data: bytes, divisor: int = 1) -> np.ndarray:
    """Decode an image in STORED pixels: EXIF rotation is ignored.

    Fixations refer to the pixels of the file.

    Args:
        data: The encoded image, in any format that OpenCV or Pillow knows.
        divisor: 1, 2, 4 or 8; a JPEG is decoded to so much smaller an image, sizes rounded up.

    Returns:
        uint8 [H, W, 3] RGB.

    Raises:
        UserError: The image cannot be decoded.
    """
    image = _decode(data, STIMULUS | REDUCED[divisor])
    if image is not None:
        return image
    try:  # formats that Pillow knows and OpenCV does not
        with Image.open(io.BytesIO(data)) as opened:
            return np.asarray(_to_rgb(opened))
    except _PILLOW_ERRORS as error:
        raise UserError(f"cannot decode an image of {len(data)} bytes: {error}") from error


def decode_density(data: bytes) -> np.ndarray:
    """Decode a published density map to float32 [H, W], with its values as stored (8 or 16 bit).

    Raises:
        UserError: The map cannot be decoded.
    """
    density = _decode(data, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if density is None:
        raise UserError(f"cannot decode a density map of {len(data)} bytes; store it as a PNG")
    if density.ndim == 3:  # a map that was saved as colour; an alpha channel is not density
        density = density[..., :3] if density.shape[-1] > 2 else density[..., :1]
        density = density.mean(axis=-1)
    return density.astype(np.float32)


def read_photo(path: str | Path) -> np.ndarray:
    """Read any photograph to uint8 [H, W, 3] RGB as a person sees it.

    EXIF rotation is applied, CMYK and palettes are converted, transparency lies over white, and 16
    bit are scaled to 8.

    Raises:
        UserError: The file cannot be read as an image.
    """
    try:
        with Image.open(path) as opened:
            return photo_pixels(opened)
    except _PILLOW_ERRORS as error:
        reason = str(error) or type(error).__name__
        raise UserError(f"{path}: cannot be read as an image ({reason})") from error


def photo_pixels(image: Image.Image) -> np.ndarray:
    """Return a Pillow image as uint8 [H, W, 3] RGB as a person sees it, like `read_photo`."""
    return np.asarray(_to_rgb(ImageOps.exif_transpose(image)))


def check_image(data: bytes) -> tuple[int, int]:
    """Decode the whole image and return its (height, width) in stored pixels.

    This is stricter than `decode_stimulus`, where OpenCV would give the lower part of a truncated
    file in grey.

    Raises:
        UserError: The image is damaged, truncated or none at all.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            size = opened.height, opened.width
            opened.draft(None, (1, 1))  # reads all of a JPEG, but does not compute every pixel
            opened.load()
            return size
    except _PILLOW_ERRORS as error:
        raise UserError(str(error) or type(error).__name__) from error


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (height, width) in stored pixels of a JPEG from its header; None for all else."""
    if not data.startswith(b"\xff\xd8"):
        return None
    try:
        return stored_size(data)
    except UserError:
        return None


def stored_size(data: bytes) -> tuple[int, int]:
    """Return (height, width) in stored pixels as an image's header tells them.

    Raises:
        UserError: The data are no image.
    """
    try:
        with Image.open(io.BytesIO(data)) as opened:
            return opened.height, opened.width
    except _PILLOW_ERRORS as error:
        raise UserError(str(error) or type(error).__name__) from error


# Pillow's decoders raise more than OSError on damaged files.
_PILLOW_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    TypeError,
    Image.DecompressionBombError,
)


def _decode(data: bytes, flags: int) -> np.ndarray | None:
    """Decode an image by OpenCV with its IMREAD flags; None if it cannot."""
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # an empty buffer, or more pixels than OpenCV accepts
        return None


def _to_rgb(image: Image.Image) -> Image.Image:
    """Convert an image of any mode of Pillow to RGB."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_8_bit(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _to_8_bit(image: np.ndarray) -> np.ndarray:
    """Convert grey [H, W] of 16 or 32 bit, or float, to uint8; floats in 0..1 are scaled by 255."""
    values = image.astype(np.float64)
    maximum = 65535.0  # Pillow opens 16-bit grey as "I;16" or as "I"
    if image.dtype.kind == "f":
        maximum = 1.0 if values.max(initial=0) <= 1 else 255.0
    return np.rint(np.clip(np.nan_to_num(values) / maximum, 0, 1) * 255).astype(np.uint8)

"""Cut pictures: parts of a photograph as files of its own format, profile and quality."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, JpegImagePlugin

from samjax.analysis.crop import Crop
from samjax.data.picture_files import Undecodable, opened
from samjax.errors import UserError, one_line
from samjax.files.atomic import write_atomic

ENDINGS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif"}
"""{format of a photograph: ending of its cut pictures}; those of other formats are PNG."""
OTHERS = ".png"
SAVED_AS = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF"}
WEBP_QUALITY = 90
"""A WebP does not tell its own."""


def write_crops(
    photo: Path,
    crops: Mapping[str, Crop],
    targets: Mapping[tuple[str, str], Path],
    max_pixels: int | None = None,
) -> dict[str, Path]:
    """Write the cut pictures of a photograph.

    The photograph is turned as its EXIF data say. Its colour profile is kept, a JPEG has the
    quality of the photograph, and a shape with a size is scaled to it. Other metadata are left
    out, because they may hold a preview of the whole photograph.

    Args:
        photo: The file.
        crops: {name: window}, the windows in pixels of the turned photograph.
        targets: {(ending, name): file to write}, for every ending in `SAVED_AS`.
        max_pixels: How many pixels the photograph may have, see `samjax.data.picture_files`.

    Returns:
        {name: file that was written}.

    Raises:
        UserError: The photograph cannot be read, or cannot be written in its format.
    """
    try:
        ending, pictures = cut(photo, crops, max_pixels)
    except UserError as error:
        raise UserError(f"{photo}: {error}") from error
    return {name: write_atomic(targets[ending, name], data) for name, data in pictures.items()}


def cut(
    photo: Path | bytes, crops: Mapping[str, Crop], max_pixels: int | None = None
) -> tuple[str, dict[str, bytes]]:
    """Return the ending and the bytes {name: file} of cut pictures, see `write_crops`.

    Args:
        photo: The path of the file, or its bytes.
        crops: As there.
        max_pixels: As there.

    Raises:
        UserError: As there; the message does not name the photograph.
    """
    try:
        with opened(photo, max_pixels) as stored:
            ending = ENDINGS.get(stored.format or "", OTHERS)
            image = ImageOps.exif_transpose(stored)
            options = _options(stored, ending)
        return ending, {name: _encoded(image, c, ending, options) for name, c in crops.items()}
    except Undecodable as error:
        raise UserError(
            "has pixels of a kind that is not cut; convert it to PNG or JPEG"
        ) from error
    except (UserError, OSError, ValueError) as error:
        raise UserError(f"cannot be cut ({one_line(error)})") from error


def _options(photo: Image.Image, ending: str) -> dict[str, Any]:
    """Return how to save a picture like a photograph that was opened."""
    options: dict[str, Any] = {"format": SAVED_AS[ending]}
    if photo.info.get("icc_profile"):
        options["icc_profile"] = photo.info["icc_profile"]
    if isinstance(photo, JpegImagePlugin.JpegImageFile):
        # The tables of quantisation are the quality, whatever number a program calls it by.
        options["qtables"] = photo.quantization
        sampling = JpegImagePlugin.get_sampling(photo)
        if sampling >= 0:
            options["subsampling"] = sampling
    elif ending == ".webp":
        options["quality"] = WEBP_QUALITY
    elif ending == ".tif":
        options["compression"] = "tiff_lzw"
    return options


def _encoded(image: Image.Image, crop: Crop, ending: str, options: dict[str, Any]) -> bytes:
    """Return the file of a crop of the turned photograph."""
    x, y, width, height = crop.window
    # Cut first: a picture that is scaled within a box takes pixels from outside of it.
    part = image.crop((x, y, x + width, y + height))
    if crop.shape.size not in (None, (width, height)):
        if part.mode in ("1", "P", "PA"):  # they cannot be averaged
            part = part.convert("RGBA" if part.has_transparency_data else "RGB")
        part = part.resize(crop.shape.size, Image.Resampling.LANCZOS)
    if ending == OTHERS and part.mode in ("CMYK", "YCbCr", "LAB", "HSV", "F"):
        part = part.convert("RGB")  # PNG has none of these
    buffer = io.BytesIO()
    part.save(buffer, **options)
    return buffer.getvalue()

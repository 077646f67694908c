"""What the handlers of the HTTP interface give back, and how pictures go into it."""

import base64
import io
import json
from typing import Any, NamedTuple

import cv2
import numpy as np

from samjax.analysis.resample import resample
from samjax.data.image_headers import image_header
from samjax.data.images import decode_image
from samjax.data.picture_files import TooManyPixels
from samjax.errors import UserError
from samjax.files.json_file import finite
from samjax.prediction.outputs import encode_map
from samjax.ui.fields import INTEGER, Field
from samjax.ui.form import Upload
from samjax.ui.limits import Limits, Refusal

TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "npy": "application/octet-stream",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".tif": "image/tiff",
}
"""{format or ending: media type}."""

SIDE = Field(
    "side",
    INTEGER,
    "The longer side of the maps and pictures within the JSON, in pixels; they are never enlarged. "
    "Numbers are always those of the whole picture.",
    low=16,
    high=16384,
)


class Answer(NamedTuple):
    """An answer to a request.

    Attributes:
        body: Its bytes.
        media_type: What they are.
        name: What the file may be called when it is saved; empty: it is not meant to be.
    """

    body: bytes
    media_type: str
    name: str = ""


def json_answer(value: Any) -> Answer:
    """Return a value as JSON, without nan."""
    text = json.dumps(finite(value), allow_nan=False)
    return Answer(text.encode(), TYPES["json"])


def read_upload(upload: Upload, limits: Limits) -> np.ndarray:
    """Return a picture's pixels as people see it, uint8 [H, W, 3] RGB.

    Raises:
        UserError: It is no picture, or damaged.
        Refusal: It has too many pixels.
    """
    try:
        # By its header first: the memory for the pixels is taken by those only that may have it.
        image_header(upload.data, limits.pixels)
        return decode_image(upload.data, upright=True, max_pixels=limits.pixels)
    except TooManyPixels as error:
        raise Refusal(413, f"{upload.name}: {error}") from error
    except UserError as error:
        raise UserError(f"{upload.name}: cannot be read as a picture ({error})") from error


def stem(name: str) -> str:
    """Return a file's name without its ending."""
    return name.rpartition(".")[0] or name


def packed_map(density: np.ndarray, encoding: str, side: int | None) -> dict[str, Any]:
    """Return a map [H, W] for JSON.

    Its greatest value is at the top of the range of a grey PNG, so that a pixel's density is its
    level * peak / (255 or 65535).

    Args:
        density: Sums to 1.
        encoding: "png8" or "png16".
        side: Its longer side, see `SIDE`.
    """
    height, width = fitted(density.shape, side)
    small = resample(density, height, width) if (height, width) != density.shape else density
    data = encode_map(encoding, small, None)
    about = {"encoding": encoding, "width": width, "height": height, "peak": float(small.max())}
    return about | {"data": base64.b64encode(data).decode()}


def packed_picture(pixels: np.ndarray, side: int | None) -> dict[str, Any]:
    """Return a picture, uint8 [H, W, 3] RGB, for JSON: as a PNG, or as a JPEG where it is large."""
    height, width = fitted(pixels.shape[:2], side)
    if (height, width) != pixels.shape[:2]:
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    ending = ".png" if height * width < 2**18 else ".jpg"
    data = encode_picture(pixels, ending)
    about = {"type": TYPES[ending], "width": width, "height": height}
    return about | {"data": base64.b64encode(data).decode()}


def encode_picture(pixels: np.ndarray, ending: str) -> bytes:
    """Return the file of RGB pixels, uint8 [H, W, 3]."""
    is_done, data = cv2.imencode(ending, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not is_done:
        raise UserError(f"a picture of {pixels.shape} cannot be written as {ending}")
    return data.tobytes()


def encode_array(array: np.ndarray) -> bytes:
    """Return the file .npy of an array, float32."""
    buffer = io.BytesIO()
    np.save(buffer, array.astype(np.float32, copy=False))
    return buffer.getvalue()


def fitted(size: tuple[int, ...], side: int | None) -> tuple[int, int]:
    """Return (height, width) reduced so far that the longer one is at most `side`."""
    height, width = size
    factor = min(1.0, (side or max(size)) / max(size))
    return max(1, round(height * factor)), max(1, round(width * factor))

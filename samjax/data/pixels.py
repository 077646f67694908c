"""Pixels of any kind as RGB of 8 bit: what a person sees, by one rule for the whole program.

Transparency lies over white; palettes, CMYK, YCbCr and LAB are converted; 16 bit are scaled to 8.
Colour profiles are not applied: most networks have learned from pixels as they are stored.
"""

import cv2
import numpy as np
from PIL import Image

from samjax.errors import UserError

STRIP = 2**16
"""Pixels that are converted at a time: a large picture must not be in memory twice, and so few stay
in the processor's cache between Pillow and the array."""


def rgb(image: Image.Image) -> np.ndarray:
    """Return the first frame of a picture of any mode of Pillow as RGB uint8 [H, W, 3].

    Raises:
        UserError: It has grey values whose range is not known.
    """
    image.load()
    if image.mode.startswith("I") or image.mode == "F":
        return np.repeat(grey_to_8_bit(np.asarray(image))[..., None], 3, axis=-1)
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    rows = max(STRIP // max(image.width, 1), 1)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        is_whole = bottom - top == image.height
        strip = image if is_whole else image.crop((0, top, image.width, bottom))
        pixels[top:bottom] = np.asarray(_strip_to_rgb(strip))
    return pixels


def _strip_to_rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")


def rgb_of_array(array: np.ndarray) -> np.ndarray:
    """Return what OpenCV decodes, [H, W] or BGR(A) [H, W, C] of any type, as RGB uint8 [H, W, 3].

    Raises:
        UserError: It has values whose range is not known.
    """
    values = array if array.dtype == np.uint8 else grey_to_8_bit(array)
    if values.ndim == 2 or values.shape[-1] == 1:
        return np.repeat(values.reshape(*values.shape[:2], 1), 3, axis=-1)
    if values.shape[-1] == 4:
        alpha = values[..., 3:].astype(np.float32) / 255
        over_white = values[..., :3] * alpha + 255 * (1 - alpha)
        values = np.rint(over_white).astype(np.uint8)
    return cv2.cvtColor(values[..., :3], cv2.COLOR_BGR2RGB)


def grey_to_8_bit(array: np.ndarray) -> np.ndarray:
    """Return values of 16 or 32 bit, or float, as uint8 of the same shape.

    16 bit are a range of 65535. The range of 32 bit and of float is the smallest of 1 (of float
    only), 255 and 65535 that holds all values.

    Raises:
        UserError: No such range holds them.
    """
    low, high = float(array.min(initial=0)), float(array.max(initial=0))
    if not (low >= 0 and high <= 65535):  # nan is refused here, too
        raise UserError(
            f"its values go from {low:g} to {high:g}, in no range that is known (0 to 1, 255 or "
            "65535); save it with 8 or 16 bit"
        )
    top = 65535.0
    if array.dtype.itemsize > 2 and high <= 255:
        top = 1.0 if array.dtype.kind == "f" and high <= 1 else 255.0
    out = np.empty(array.shape, np.uint8)
    rows = max(STRIP // max(array[:1].size, 1), 1)
    for start in range(0, len(array), rows):
        part = array[start : start + rows].astype(np.float64)
        out[start : start + rows] = np.rint(part / top * 255)
    return out

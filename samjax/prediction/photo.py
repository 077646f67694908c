"""The images that a predictor takes: files, Pillow images and arrays, all as RGB pixels."""

from pathlib import Path

import numpy as np
from PIL import Image

from samjax.data.images import photo_pixels, read_photo
from samjax.errors import UserError


def read_pixels(
    image: str | Path | Image.Image | np.ndarray, max_pixels: int | None = None
) -> np.ndarray:
    """Return an image as RGB uint8 [H, W, 3].

    Args:
        image: The path of a file, a Pillow image, or an array that is already RGB uint8 [H, W, 3].
        max_pixels: How many pixels a file may have; None for the usual limit.

    Raises:
        UserError: The file cannot be read, or the array has another shape or type.
    """
    if isinstance(image, str | Path):
        return read_photo(image, max_pixels)
    if isinstance(image, Image.Image):
        return photo_pixels(image)
    if not isinstance(image, np.ndarray):
        raise UserError(
            f"an image is a path, a Pillow image or an array, not a {type(image).__name__}"
        )
    is_rgb = image.ndim == 3 and image.shape[2] == 3 and image.size > 0
    if not is_rgb or image.dtype != np.uint8:
        raise UserError(
            f"an image of shape {image.shape} and type {image.dtype} cannot be read; give RGB "
            "uint8 [H, W, 3], and a batch of canvases to predict_batch"
        )
    return image

"""A map of another size at its image's size, as each convention resizes."""

from pathlib import Path

import cv2
import numpy as np
import scipy.ndimage
from jaxtyping import Float
from PIL import Image

from samjax.data.example import Example
from samjax.data.image_headers import image_header
from samjax.errors import UserError
from samjax.evaluation.map_sizes import ImageSize


def size_of(example: Example) -> ImageSize:
    """Return the sizes of an example's stimulus and of its file, and its EXIF orientation."""
    stored, orientation = image_header(example.image)
    return ImageSize((example.height, example.width), stored, orientation)


def to_image_size(
    saliency: Float[np.ndarray, "h w"], example: Example, convention: str, path: Path
) -> Float[np.ndarray, "H W"]:
    """Return a map at the image's size, float32 [height, width].

    mit        bicubic with a = -1/2, smoothed where it shrinks, as MATLAB's imresize (Pillow's is
               the same but for the outermost pixels)
    salicon    SciPy's zoom of order 3
    tuebingen  a map of the size of the image FILE, where a dataset ships smaller files than were
               shown, is resized bilinearly; no other size is taken

    Args:
        saliency: The map, float32, of any size.
        example: The image.
        convention: "mit", "tuebingen" or "salicon".
        path: The file of the map, for the message.

    Raises:
        UserError: The convention takes no map of this size.
    """
    size = example.height, example.width
    if saliency.shape == size:
        return saliency
    if convention == "mit":
        # Pillow's bicubic kernel has a = -1/2, as MATLAB's; OpenCV's has -3/4.
        picture = Image.fromarray(saliency).resize(size[::-1], Image.Resampling.BICUBIC)
        return np.asarray(picture)
    if convention == "salicon":
        factors = [new / old for new, old in zip(size, saliency.shape, strict=True)]
        return scipy.ndimage.zoom(saliency, factors, order=3)
    if saliency.shape == size_of(example).stored:
        resized = cv2.resize(saliency, size[::-1], interpolation=cv2.INTER_LINEAR)
        ratio = saliency.sum(dtype=np.float64) / (resized.sum(dtype=np.float64) or 1)
        return resized * np.float32(ratio)  # a density keeps its sum
    raise UserError(
        f"{path}: the map is {saliency.shape}, the image {size} (height, width); convention "
        f"{convention} takes maps of the image's size only; resize it, or use mit"
    )

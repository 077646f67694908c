"""Ground truth from fixations: counts per pixel, and the empirical density, as a convention asks.

Fixations are points (x, y) in original pixels, 0-based; an integer is a pixel's centre.
"""

import cv2
import numpy as np
from jaxtyping import Float, Shaped
from numpy.typing import ArrayLike

from samjax.errors import UserError

# The challenge's code blurs images of 640 x 480 pixels with a sigma of 19.
SALICON_SIGMA = 19 / 640  # of the longer side


def count_map(points: ArrayLike, height: int, width: int) -> Float[np.ndarray, "H W"]:
    """Return how many fixations fall in each pixel, float32 [height, width].

    Args:
        points: Fixations [N, 2] as (x, y). One belongs to the pixel floor(x + .5); one outside the
            image belongs to the nearest pixel.
        height: Rows of the image.
        width: Columns of the image.
    """
    # An integer is a pixel's centre, so the pixel begins half before it. Not `round`, which takes
    # .5 to the even neighbour.
    pixels = np.floor(np.asarray(points, np.float64).reshape(-1, 2) + 0.5).astype(np.int64)
    columns = np.clip(pixels[:, 0], 0, width - 1)
    rows = np.clip(pixels[:, 1], 0, height - 1)
    counts = np.bincount(rows * width + columns, minlength=height * width)
    return counts.reshape(height, width).astype(np.float32)


def gaussian_blur(
    image: Float[np.ndarray, "H W"], sigma: float | tuple[float, float]
) -> Float[np.ndarray, "H W"]:
    """Blur an image with a Gaussian that is cut at 4 sigma and reflected at the border.

    The result is that of scipy.ndimage.gaussian_filter(image, sigma, mode="reflect").

    Args:
        image: [H, W], float32 or float64.
        sigma: The standard deviation in pixels, or two of them, (along y, along x).

    Raises:
        UserError: A sigma is not positive.
    """
    along_y, along_x = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    # OpenCV's border "reflect" repeats the edge pixel, as SciPy's does.
    return cv2.sepFilter2D(
        image,
        -1,
        _gaussian_kernel(along_x),
        _gaussian_kernel(along_y),
        borderType=cv2.BORDER_REFLECT,
    )


def _gaussian_kernel(sigma: float) -> Float[np.ndarray, " K"]:
    """Return the weights of a Gaussian at the integers up to 4 sigma, with sum 1."""
    if not sigma > 0:
        raise UserError(f"the sigma of a Gaussian blur must be positive, not {sigma} pixels")
    # SciPy's `truncate` of 4, rounded as SciPy rounds it.
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return kernel / kernel.sum()


def density_map(
    counts: Shaped[np.ndarray, "H W"], sigma: float, convention: str = "mit"
) -> Float[np.ndarray, "H W"]:
    """Return the empirical density of a count map, float32 [H, W], not normalised.

    The conventions blur differently:

    mit        the set of fixated pixels, so that repeats count once, with `sigma`
    tuebingen  the counts, with `sigma` (MIT300 24, CAT2000 40, COCO-Freeview 30 pixels)
    salicon    the set of fixated pixels, with sigma 19 at 640 pixels of width, whatever `sigma` is

    Args:
        counts: How many fixations fall in each pixel [H, W].
        sigma: The standard deviation of the blur in pixels: one degree of visual angle.
        convention: "mit", "tuebingen" or "salicon".

    Raises:
        UserError: There is no such convention, or sigma is not positive.
    """
    if convention == "tuebingen":
        return gaussian_blur(counts.astype(np.float32), sigma)
    if convention not in ("mit", "salicon"):
        known = "mit, tuebingen, salicon"
        raise UserError(f"no empirical density for convention {convention!r}; use one of {known}")
    fixated = (counts > 0).astype(np.float32)
    return gaussian_blur(fixated, sigma_of(convention, sigma, counts.shape))


def sigma_of(convention: str, sigma: float, size: tuple[int, ...]) -> float:
    """Return the sigma of a convention's blur in pixels of an image of this (height, width)."""
    return SALICON_SIGMA * max(size) if convention == "salicon" else sigma

"""Ground truth from fixations: counts per pixel, and the empirical density, as a convention asks.

Fixations are (x, y) in original pixels, 0-based, an integer is a pixel's centre.
"""

import cv2
import numpy as np

from samjax.errors import UserError

SALICON_SIGMA = 19 / 640  # of the longer side


def count_map(fixations: np.ndarray, height: int, width: int) -> np.ndarray:
    """How many fixations fall in each pixel, float32 [height, width].

    fixations [N, 2] (x, y); the pixel is floor(x + .5), clamped to the image.
    """
    points = np.floor(np.asarray(fixations, np.float64).reshape(-1, 2) + 0.5).astype(np.int64)
    cells = np.clip(points[:, 1], 0, height - 1) * width + np.clip(points[:, 0], 0, width - 1)
    counts = np.bincount(cells, minlength=height * width)
    return counts.reshape(height, width).astype(np.float32)


def gaussian_blur(image: np.ndarray, sigma: float | tuple[float, float]) -> np.ndarray:
    """Blurs [H, W] with a Gaussian of sigma (or (along y, along x)) pixels cut at 4 sigma,
    reflecting at the border: scipy.ndimage.gaussian_filter(image, sigma, mode='reflect').
    """
    along_y, along_x = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    kernels = _gaussian_kernel(along_x), _gaussian_kernel(along_y)
    return cv2.sepFilter2D(image, -1, *kernels, borderType=cv2.BORDER_REFLECT)


def _gaussian_kernel(sigma: float) -> np.ndarray:
    if not sigma > 0:
        raise UserError(f"the sigma of a Gaussian blur must be positive, not {sigma} pixels")
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return kernel / kernel.sum()


def density_map(counts: np.ndarray, sigma: float, convention: str = "mit") -> np.ndarray:
    """The empirical density of a count map, float32 [H, W], not normalised.

    mit: the binary map (repeats count once), sigma: one degree in pixels
    tuebingen: the counts, sigma likewise (MIT300 24, CAT2000 40, COCO-Freeview 30 pixels)
    salicon: the binary map, sigma 19 at 640 pixels of width, whatever `sigma`
    """
    if convention == "tuebingen":
        return gaussian_blur(counts.astype(np.float32), sigma)
    if convention not in ("mit", "salicon"):
        known = "mit, tuebingen, salicon"
        raise UserError(f"no empirical density for convention {convention!r}; use one of {known}")
    return gaussian_blur((counts > 0).astype(np.float32), sigma_of(convention, sigma, counts.shape))


def sigma_of(convention: str, sigma: float, size: tuple[int, int]) -> float:
    """The standard deviation of the empirical density's blur, in pixels of the image."""
    return SALICON_SIGMA * max(size) if convention == "salicon" else sigma

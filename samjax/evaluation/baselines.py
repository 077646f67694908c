"""Maps that know nothing of the image; what a model adds shows against them.

uniform   every pixel alike
center    isotropic Gaussian about the image's centre, sigma .185 of the longer side (the fit to
          OSIE: 148 px at 800 x 600)
mean      the mean density of the training images in relative coordinates
"""

from collections.abc import Iterable

import cv2
import numpy as np

from samjax.errors import UserError
from samjax.metrics.ground_truth import count_map, gaussian_blur

CENTER_SIGMA = 0.185


def uniform(height: int, width: int) -> np.ndarray:
    """[height, width] float32, sum 1."""
    return np.full((height, width), 1 / (height * width), np.float32)


def center_gaussian(height: int, width: int, sigma: float = CENTER_SIGMA) -> np.ndarray:
    """[height, width] float32, sum 1; sigma in fractions of the longer side."""
    spread = sigma * max(height, width)
    y = np.exp(-0.5 * ((np.arange(height) - (height - 1) / 2) / spread) ** 2)
    x = np.exp(-0.5 * ((np.arange(width) - (width - 1) / 2) / spread) ** 2)
    return np.outer(y / y.sum(), x / x.sum()).astype(np.float32)


def mean_density(examples: Iterable) -> np.ndarray:
    """Mean over images of the density that sums to 1, float32 [H, W], sum 1.

    examples: with fixations [N, 2], height, width, sigma_px (original pixels), as `Source` yields
    them; those without fixations are left out. The grid is the most frequent size among them.

    Repeats are dropped at the original grid. Then a fixated pixel goes to its place on the common
    grid, and sigma with it: a blur is linear and (reflecting) keeps the sum, so the images of one
    size are summed first and blurred once.
    """
    by_size: dict[tuple, list[np.ndarray]] = {}
    for example in examples:
        if len(example.points):
            size = (example.height, example.width, example.sigma_px)
            by_size.setdefault(size, []).append(example.points)
    if not by_size:
        raise UserError("no image of the training split has fixations; the mean density needs some")
    height, width, _ = max(by_size, key=lambda size: len(by_size[size]))
    total = np.zeros((height, width))
    for (h, w, sigma), images in by_size.items():
        points = sum(_fixated_on_grid(xy, h, w, height, width) for xy in images)
        total += gaussian_blur(points, (sigma * height / h, sigma * width / w))
    return (total / total.sum()).astype(np.float32)


def _fixated_on_grid(fixations, h: int, w: int, height: int, width: int) -> np.ndarray:
    """The fixated pixels of an [h, w] image on a [height, width] grid, sum 1."""
    rows, columns = np.nonzero(count_map(fixations, h, w))
    x = (columns + 0.5) * width / w - 0.5
    y = (rows + 0.5) * height / h - 0.5
    return count_map(np.stack([x, y], -1), height, width).astype(np.float64) / len(rows)


def resize_density(density: np.ndarray, height: int, width: int) -> np.ndarray:
    """A density on another grid of the same extent, float64 [height, width], sum 1."""
    density = np.asarray(density, np.float64)
    if density.shape != (height, width):
        shrinks = density.shape[0] > height and density.shape[1] > width
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        density = cv2.resize(density, (width, height), interpolation=way)
    return density / density.sum()

"""Maps that know nothing of the image; what a model adds shows against them.

uniform   every pixel alike
center    an isotropic Gaussian about the image's centre, as in Judd, Durand and Torralba, "A
          Benchmark of Computational Models of Saliency to Predict Human Fixations" (2012), with
          sigma .185 of the longer side (the fit to OSIE: 148 px at 800 x 600)
mean      the mean density of the training images in relative coordinates
"""

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float

from samjax.data.example import Example
from samjax.data.geometry import to_grid
from samjax.errors import UserError
from samjax.metrics.ground_truth import count_map, gaussian_blur

CENTER_SIGMA = 0.185


def uniform(height: int, width: int) -> Float[np.ndarray, "H W"]:
    """Return the uniform density, float32 [height, width], sum 1."""
    return np.full((height, width), 1 / (height * width), np.float32)


def center_gaussian(
    height: int, width: int, sigma: float = CENTER_SIGMA
) -> Float[np.ndarray, "H W"]:
    """Return a Gaussian about the centre, float32 [height, width], sum 1.

    sigma is its standard deviation as a fraction of the longer side.
    """
    pixels = sigma * max(height, width)
    y = np.exp(-0.5 * ((np.arange(height) - (height - 1) / 2) / pixels) ** 2)
    x = np.exp(-0.5 * ((np.arange(width) - (width - 1) / 2) / pixels) ** 2)
    return np.outer(y / y.sum(), x / x.sum()).astype(np.float32)


class _BlurGroup(NamedTuple):
    """Images of one size whose densities have one sigma; they are blurred together."""

    height: int
    width: int
    sigma: float


def mean_density(examples: Iterable[Example]) -> Float[np.ndarray, "H W"]:
    """Return the mean over images of the density that sums to 1, float32 [H, W], sum 1.

    The grid is the most frequent size among the images. Repeats are dropped at each image's
    original size. Then a fixated pixel goes to its place on the common grid, and sigma with it.

    Args:
        examples: Images with their fixations; those without fixations are left out.

    Raises:
        UserError: No image has fixations.
    """
    groups: dict[_BlurGroup, list[np.ndarray]] = {}
    for example in examples:
        if len(example.points):
            group = _BlurGroup(example.height, example.width, example.sigma_px)
            groups.setdefault(group, []).append(example.points)
    if not groups:
        raise UserError("no image of the training split has fixations; the mean density needs some")
    largest = max(groups, key=lambda group: len(groups[group]))
    height, width = largest.height, largest.width
    total = np.zeros((height, width))
    for group, images in groups.items():
        # A blur is linear and (reflecting) keeps the sum, so the images are summed first and
        # blurred once.
        size = group.height, group.width
        counts = np.zeros((height, width))
        for points in images:
            counts += _fixated_on_grid(points, size, (height, width))
        # Along each axis for itself, because the aspects of the two sizes may differ.
        sigma = group.sigma * height / group.height, group.sigma * width / group.width
        total += gaussian_blur(counts, sigma)
    return (total / total.sum()).astype(np.float32)


def _fixated_on_grid(
    points: np.ndarray, from_size: tuple[int, int], to_size: tuple[int, int]
) -> Float[np.ndarray, "H W"]:
    """Return the fixated pixels of an image on a grid of another size, float64, sum 1."""
    rows, columns = np.nonzero(count_map(points, *from_size))
    centres = to_grid(np.stack([columns, rows], axis=-1), from_size, to_size)
    return count_map(centres, *to_size).astype(np.float64) / len(rows)


def resize_density(density: np.ndarray, height: int, width: int) -> Float[np.ndarray, "H W"]:
    """Return a density on another grid of the same extent, float64 [height, width], sum 1."""
    density = np.asarray(density, np.float64)
    if density.shape != (height, width):
        # Averaging over areas keeps the mass of small cells, which sampling would miss.
        shrinks = density.shape[0] > height and density.shape[1] > width
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        density = cv2.resize(density, (width, height), interpolation=interpolation)
    return density / density.sum()

"""The center bias of a dataset: a kernel density of its fixations, fitted by cross-validation.

Fixations of all training images are pooled in relative coordinates on a grid of cells. The
density is (1 - share) * (their mean blurred by a Gaussian, reflected at the border) + share *
uniform. Bandwidth and share are those with the highest log-likelihood of each image's fixations
under the density of all OTHER images.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from samjax.errors import UserError
from samjax.evaluation.baselines import resize_density
from samjax.metrics.ground_truth import gaussian_blur

CELLS = 192  # of the grid's longer side
BANDWIDTHS = tuple(np.geomspace(0.005, 0.15, 12))  # in fractions of the longer side
SHARES = (1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)


class CenterBias(NamedTuple):
    """density [h, w] float64, sum 1; bandwidth: fraction of the longer side; share: uniform part;
    gain: leave-one-image-out log-likelihood, bits per fixation above the uniform density."""

    density: np.ndarray
    bandwidth: float
    share: float
    gain: float

    def draw(self, height: int, width: int) -> np.ndarray:
        """The density over an image, float32 [height, width], sum 1."""
        return resize_density(self.density, height, width).astype(np.float32)


def fit_center_bias(examples: Iterable) -> CenterBias:
    """examples: with fixations [N, 2], height, width. UserError: fewer than two have fixations."""
    images = [(e.points, e.height, e.width) for e in examples if len(e.points)]
    if len(images) < 2:
        raise UserError("a center bias needs two images with fixations; name another split")
    (tall, wide), _ = Counter((h, w) for _, h, w in images).most_common(1)[0]
    height, width = (max(1, round(CELLS * side / max(tall, wide))) for side in (tall, wide))
    cells = [_cells(points, h, w, height, width) for points, h, w in images]
    pooled = np.zeros((height, width))
    for rows, columns in cells:
        np.add.at(pooled, (rows, columns), 1)
    fits = [_fit_share(pooled, cells, bandwidth) for bandwidth in BANDWIDTHS]
    best = int(np.argmax([gain for gain, _ in fits]))
    gain, share = fits[best]
    blurred = gaussian_blur(pooled / pooled.sum(), BANDWIDTHS[best] * CELLS)
    density = (1 - share) * blurred / blurred.sum() + share / pooled.size
    return CenterBias(density, float(BANDWIDTHS[best]), share, gain)


def _cells(points: np.ndarray, h: int, w: int, height: int, width: int):
    """(rows [N], columns [N]) of the cells that fixations in an [h, w] image fall in."""
    relative = (np.asarray(points, np.float64) + 0.5) / (w, h)
    columns, rows = np.floor(relative * (width, height)).astype(np.int64).T
    return np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)


def _fit_share(pooled: np.ndarray, cells: list, bandwidth: float) -> tuple[float, float]:
    """(gain in bits, share) of the best uniform part for a bandwidth.

    A blur is a product with one matrix per axis, so what an image itself adds at its fixations is a
    sum over pairs, and need not be blurred for each image anew.
    """
    along_y, along_x = (_blur_matrix(n, bandwidth * CELLS) for n in pooled.shape)
    everything = along_y @ pooled @ along_x.T
    total = pooled.sum()
    densities = []
    for rows, columns in cells:
        own = along_y[np.ix_(rows, rows)] * along_x[np.ix_(columns, columns)]
        rest = (everything[rows, columns] - own.sum(axis=1)) / (total - len(rows))
        densities.append(np.maximum(rest, 0))
    densities = np.concatenate(densities) * pooled.size  # relative to uniform
    gains = [float(np.log2((1 - s) * densities + s).mean()) for s in SHARES]
    best = int(np.argmax(gains))
    return gains[best], SHARES[best]


def _blur_matrix(size: int, sigma: float) -> np.ndarray:
    """[size, size]: column k is the blur of a one in cell k."""
    return gaussian_blur(np.eye(size), (sigma, 1e-3))

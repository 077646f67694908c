"""The center bias of a dataset: a kernel density of its fixations, fitted by cross-validation.

Silverman, "Density Estimation for Statistics and Data Analysis" (1986), for kernel densities and
likelihood cross-validation; Kümmerer, Wallis and Bethge, "Information-theoretic model comparison
unifies saliency metrics", PNAS 112 (2015), for such a center bias as the baseline of information
gain; Tatler, "The central fixation bias in scene viewing", Journal of Vision 7 (2007), for the
bias itself.

The fixations of all training images are pooled in relative coordinates on a grid of cells. The
density is (1 - fraction) * (their mean blurred by a Gaussian, reflected at the border) + fraction *
uniform. Bandwidth and fraction are those with the highest log-likelihood of each image's fixations
under the density of all OTHER images.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from samjax.data.example import Example
from samjax.data.geometry import to_grid
from samjax.errors import UserError
from samjax.evaluation.baselines import resize_density
from samjax.metrics.ground_truth import gaussian_blur

CELLS = 192  # of the grid's longer side
BANDWIDTHS = tuple(np.geomspace(0.005, 0.15, 12))  # in fractions of the longer side
UNIFORM_FRACTIONS = (1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)


class CenterBias(NamedTuple):
    """A fitted center bias.

    Attributes:
        density: float64 [h, w], sum 1.
        bandwidth: Standard deviation of the Gaussian as a fraction of the longer side.
        uniform_fraction: How much of the density is uniform.
        gain: The log-likelihood of each image under the others, in bits per fixation above the
            uniform density.
    """

    density: np.ndarray
    bandwidth: float
    uniform_fraction: float
    gain: float

    def draw(self, height: int, width: int) -> Float[np.ndarray, "H W"]:
        """Return the density over an image, float32 [height, width], sum 1."""
        return resize_density(self.density, height, width).astype(np.float32)


class _Cells(NamedTuple):
    """The cells that the fixations of one image fall in, as indices [N]."""

    rows: np.ndarray
    columns: np.ndarray


def fit_center_bias(examples: Iterable[Example]) -> CenterBias:
    """Fit the center bias of images; those without fixations are left out.

    Raises:
        UserError: Fewer than two images have fixations.
    """
    images = [example for example in examples if len(example.points)]
    if len(images) < 2:
        raise UserError("a center bias needs two images with fixations; name another split")
    (height, width), _ = Counter((e.height, e.width) for e in images).most_common(1)[0]
    longer = max(height, width)
    grid = max(1, round(CELLS * height / longer)), max(1, round(CELLS * width / longer))
    cells = [_cells_of(example, grid) for example in images]
    pooled = np.zeros(grid)
    for image in cells:
        np.add.at(pooled, (image.rows, image.columns), 1)
    fits = [_fit_uniform_fraction(pooled, cells, bandwidth) for bandwidth in BANDWIDTHS]
    best = int(np.argmax([gain for gain, _ in fits]))
    gain, fraction = fits[best]
    blurred = gaussian_blur(pooled / pooled.sum(), BANDWIDTHS[best] * CELLS)
    density = (1 - fraction) * blurred / blurred.sum() + fraction / pooled.size
    return CenterBias(density, float(BANDWIDTHS[best]), fraction, gain)


def _cells_of(example: Example, grid: tuple[int, int]) -> _Cells:
    """Return the cells of a grid (height, width) that an example's fixations fall in."""
    points = to_grid(example.points, (example.height, example.width), grid)
    columns, rows = np.floor(points + 0.5).astype(np.int64).T
    return _Cells(np.clip(rows, 0, grid[0] - 1), np.clip(columns, 0, grid[1] - 1))


def _fit_uniform_fraction(
    pooled: np.ndarray, cells: list[_Cells], bandwidth: float
) -> tuple[float, float]:
    """Return the best gain in bits for a bandwidth, and the uniform fraction that gives it.

    A blur is a product with one matrix per axis, so what an image itself adds at its fixations is a
    sum over pairs, and need not be blurred for each image anew.
    """
    along_y, along_x = (_blur_matrix(n, bandwidth * CELLS) for n in pooled.shape)
    blurred = along_y @ pooled @ along_x.T
    num_fixations = pooled.sum()
    densities = []
    for rows, columns in cells:
        own = along_y[np.ix_(rows, rows)] * along_x[np.ix_(columns, columns)]
        rest = (blurred[rows, columns] - own.sum(axis=1)) / (num_fixations - len(rows))
        densities.append(np.maximum(rest, 0))  # the difference may be negative by rounding
    ratios = np.concatenate(densities) * pooled.size  # to the uniform density
    gains = [float(np.log2((1 - f) * ratios + f).mean()) for f in UNIFORM_FRACTIONS]
    best = int(np.argmax(gains))
    return gains[best], UNIFORM_FRACTIONS[best]


def _blur_matrix(size: int, sigma: float) -> Float[np.ndarray, "N N"]:
    """Return the blur along one axis as a matrix: column k is the blur of a one in cell k."""
    # A sigma of a thousandth of a cell leaves the other axis as it is.
    return gaussian_blur(np.eye(size), (sigma, 1e-3))

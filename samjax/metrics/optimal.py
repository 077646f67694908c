"""Each metric's own best map from one density, as the MIT/Tuebingen benchmark makes them.

Kümmerer, Wallis and Bethge, "Saliency Benchmarking Made Easy: Separating Models, Maps and
Metrics", ECCV 2018. What a metric rewards most, if fixations are drawn from the density, differs
by metric:

NSS, AUC, AUC_Judd, IG, LL   the density itself
CC, KL                       the expected empirical density: the density blurred as the truth is
sAUC                         the density divided by that of the negatives, the center bias
SIM                          nearly the map with the best expected minimum, see `sim_map`
"""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Float
from scipy.special import gammaincinv

from samjax.metrics.ground_truth import gaussian_blur
from samjax.metrics.map_values import check_density

CELLS_PER_SIGMA = 4  # of the grid on which SIM's map is found
# Each halves the error of the quantile's level: 2^-30 is below float32's own.
BISECTIONS = 30
TINY = 1e-12


class MetricMaps(NamedTuple):
    """One method's maps of an image, each for the metrics that it is meant for.

    Attributes:
        default: The map [H, W] of every metric that has none of its own.
        by_metric: The maps [H, W] of other metrics, by their names. Metrics that share a map hold
            the same array, so that they are scored together.
    """

    default: np.ndarray
    by_metric: dict[str, np.ndarray]

    def of(self, metric: str) -> np.ndarray:
        """Return the map [H, W] that a metric is given."""
        return self.by_metric.get(metric, self.default)

    def all(self) -> list[np.ndarray]:
        """Return the default map and all others."""
        return [self.default, *self.by_metric.values()]

    def groups(self, metrics: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the metrics in groups that share one map, in their order."""
        groups: dict[int, list[str]] = {}
        for metric in metrics:
            groups.setdefault(id(self.of(metric)), []).append(metric)
        return [tuple(group) for group in groups.values()]


def optimal_maps(
    density: Float[np.ndarray, "H W"],
    sigma: float,
    num_fixations: int,
    center_bias: Float[np.ndarray, "H W"] | None = None,
) -> MetricMaps:
    """Return the best map of each metric, float32 [H, W], from one density.

    Args:
        density: The prediction [H, W], >= 0; it is divided by its sum.
        sigma: The standard deviation of the empirical density's blur in pixels.
        num_fixations: About how many fixations an image has; the map of SIM depends on it.
        center_bias: The density [H, W] of the negatives; without it sAUC gets the density.

    Raises:
        UserError: The prediction is no density: negative, zero everywhere or not finite.
    """
    check_density(density, "the prediction")
    # In float64: the maps are ratios and differences of small numbers.
    density = np.asarray(density, np.float64)
    density = density / density.sum()
    blurred = gaussian_blur(density, sigma).astype(np.float32)
    by_metric = {"CC": blurred, "KL": blurred}
    by_metric["SIM"] = sim_map(density, sigma, num_fixations).astype(np.float32)
    if center_bias is not None:
        # The smallest normal number keeps a zero of the center bias from giving infinity.
        ratio = density / np.maximum(center_bias, np.finfo(np.float32).tiny)
        by_metric["sAUC"] = ratio.astype(np.float32)
    return MetricMaps(density.astype(np.float32), by_metric)


def sim_map(
    density: Float[np.ndarray, "H W"], sigma: float, num_fixations: int
) -> Float[np.ndarray, "H W"]:
    """Return the map S of sum 1 with about the largest mean of sum_i min(S_i, G_i).

    G is the empirical density of a number of fixations drawn from the density. The mean is concave
    in each S_i with the slope P(G_i > S_i), so at the best S every pixel has the same slope: S_i is
    one quantile of G_i, the level such that S sums to 1.

    The approximation: G_i, a sum of randomly placed Gaussians, is taken as Gamma distributed with
    its true mean and variance. The map is found on a grid of four cells per sigma and enlarged,
    since G has no detail below that.

    Args:
        density: [H, W], >= 0.
        sigma: The standard deviation of the empirical density's blur in pixels.
        num_fixations: How many fixations are drawn.

    Returns:
        float64 [H, W].
    """
    height, width = density.shape
    step = max(1.0, sigma / CELLS_PER_SIGMA)
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    small = cv2.resize(density, (columns, rows), interpolation=cv2.INTER_AREA)
    mean, variance = _moments(small / small.sum(), sigma / step, max(num_fixations, 1))
    shape, scale = mean**2 / variance, variance / mean  # of the Gamma distribution
    low, high = 0.0, 1.0
    # The sum of S grows with the level of the quantile, so bisection finds the one that gives 1.
    for _ in range(BISECTIONS):
        level = (low + high) / 2
        total = float(np.sum(scale * gammaincinv(shape, level)))
        if total < 1:
            low = level
        else:
            high = level
    best = scale * gammaincinv(shape, (low + high) / 2)
    # Enlarged it no longer sums to 1, which SIM does not ask: it scales its maps itself.
    return cv2.resize(best / best.sum(), (width, height), interpolation=cv2.INTER_LINEAR)


def _moments(
    density: Float[np.ndarray, "h w"], sigma: float, num_fixations: int
) -> tuple[Float[np.ndarray, "h w"], Float[np.ndarray, "h w"]]:
    """Return mean and variance of an empirical density of so many fixations, both positive.

    The square of a Gaussian is a Gaussian with sigma / sqrt(2) and the mass 1 / (4 pi sigma^2).
    """
    mean = np.maximum(gaussian_blur(density, sigma), TINY)
    square = gaussian_blur(density, sigma / np.sqrt(2)) / (4 * np.pi * sigma**2)
    return mean, np.maximum(square - mean**2, TINY * mean) / num_fixations

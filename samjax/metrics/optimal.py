"""Each metric's own best map from one density, as the MIT/Tuebingen benchmark makes them.

What a metric rewards most, if fixations are drawn from the density, differs by metric:

NSS, AUC, AUC_Judd, IG, LL   the density itself
CC, KL                       the expected empirical density: the density blurred as the truth is
sAUC                         the density over that of the negatives, the center bias
SIM                          the map with the best expected minimum, nearly (see `sim_map`)
"""

import cv2
import numpy as np
from scipy.special import gammaincinv

from samjax.metrics.ground_truth import gaussian_blur

CELLS_PER_SIGMA = 4  # of the grid on which SIM's map is found
BISECTIONS = 30
TINY = 1e-12


def optimal_maps(
    density: np.ndarray,
    sigma: float,
    fixations: int,
    center_bias: np.ndarray | None = None,
) -> dict[tuple[str, ...], np.ndarray]:
    """Maps by the metrics they are for (the density for those not named), float32 [H, W].

    density [H, W] >= 0; sigma: of the empirical density, in pixels; fixations: about how many an
    image has (SIM depends on it); center_bias [H, W]: without it sAUC gets the density.
    """
    density = np.asarray(density, np.float64)
    density = density / density.sum()
    maps = {(): density, ("CC", "KL"): gaussian_blur(density, sigma)}
    maps["SIM",] = sim_map(density, sigma, fixations)
    if center_bias is not None:
        maps["sAUC",] = density / np.maximum(center_bias, np.finfo(np.float32).tiny)
    return {names: image.astype(np.float32) for names, image in maps.items()}


def sim_map(density: np.ndarray, sigma: float, fixations: int) -> np.ndarray:
    """The map S of sum 1 with about the largest mean of sum_i min(S_i, G_i), float64 [H, W].

    G: the empirical density of a number of fixations drawn from the density. The mean is concave
    in each S_i with the slope P(G_i > S_i), so at the best S every pixel has the same slope: S_i is
    one quantile of G_i, the level such that S sums to 1. The approximation: G_i, a sum of randomly
    placed Gaussians, is taken as Gamma distributed with its true mean and variance. Found on a grid
    of four cells per sigma and enlarged, since G has no detail below that.
    """
    height, width = density.shape
    step = max(1.0, sigma / CELLS_PER_SIGMA)
    size = max(1, round(height / step)), max(1, round(width / step))
    small = cv2.resize(density, size[::-1], interpolation=cv2.INTER_AREA)
    mean, variance = _moments(small / small.sum(), sigma / step, max(fixations, 1))
    shape, scale = mean**2 / variance, variance / mean
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        level = (low + high) / 2
        total = float(np.sum(scale * gammaincinv(shape, level)))
        low, high = (level, high) if total < 1 else (low, level)
    best = scale * gammaincinv(shape, (low + high) / 2)
    return cv2.resize(best / best.sum(), (width, height), interpolation=cv2.INTER_LINEAR)


def _moments(density: np.ndarray, sigma: float, fixations: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance [h, w] of an empirical density of so many fixations, both positive.

    The square of a Gaussian is a Gaussian with sigma / sqrt(2) and the mass 1 / (4 pi sigma^2).
    """
    mean = np.maximum(gaussian_blur(density, sigma), TINY)
    square = gaussian_blur(density, sigma / np.sqrt(2)) / (4 * np.pi * sigma**2)
    return mean, np.maximum(square - mean**2, TINY * mean) / fixations

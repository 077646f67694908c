"""Each metric's own best map from one density, as the MIT/Tuebingen benchmark makes them.

What a metric rewards most, if fixations are drawn from the density, differs by metric:

NSS, AUC, AUC_Judd, IG, LL   the density itself
CC, KL                       the expected empirical density: the density blurred as the truth is
sAUC                         the density over that of the negatives, the center bias
SIM                          the map with the best expected minimum, by sampling (see `sim_map`)
"""

import cv2
import numpy as np

from samjax.metrics.ground_truth import gaussian_blur

SAMPLES = 64
CELLS_PER_SIGMA = 4  # of the grid on which SIM's map is found


def optimal_maps(
    density: np.ndarray,
    sigma: float,
    fixations: int,
    center_bias: np.ndarray | None = None,
    *,
    seed: int = 0,
) -> dict[tuple[str, ...], np.ndarray]:
    """Maps by the metrics they are for (the density for those not named), float32 [H, W].

    density [H, W] >= 0; sigma: of the empirical density, in pixels; fixations: about how many an
    image has (SIM depends on it); center_bias [H, W]: without it sAUC gets the density.
    """
    density = np.asarray(density, np.float64)
    density = density / density.sum()
    maps = {(): density, ("CC", "KL"): gaussian_blur(density, sigma)}
    maps["SIM",] = sim_map(density, sigma, fixations, seed=seed)
    if center_bias is not None:
        maps["sAUC",] = density / np.maximum(center_bias, np.finfo(np.float32).tiny)
    return {names: image.astype(np.float32) for names, image in maps.items()}


def sim_map(
    density: np.ndarray, sigma: float, fixations: int, *, samples: int = SAMPLES, seed: int = 0
) -> np.ndarray:
    """The map S of sum 1 with the largest mean of sum_i min(S_i, G_i), float64 [H, W].

    G: empirical densities of `samples` sets of fixations drawn from the density. The mean is
    concave in each S_i with the slope P(G_i > S_i), so at the best S every pixel has the same
    slope: S_i is one quantile of the G_i, the level such that S sums to 1. Exact for the samples;
    found on a grid of four cells per sigma and enlarged, since G has no detail below that.
    """
    height, width = density.shape
    step = max(1.0, sigma / CELLS_PER_SIGMA)
    size = max(1, round(height / step)), max(1, round(width / step))
    small = cv2.resize(density, size[::-1], interpolation=cv2.INTER_AREA)
    spread = sigma * size[0] / height, sigma * size[1] / width
    drawn = np.random.default_rng(seed).multinomial(
        fixations, (small / small.sum()).ravel(), samples
    )
    blurred = [gaussian_blur(d.reshape(size).astype(np.float64), spread) for d in drawn]
    ordered = np.sort([g / g.sum() for g in blurred], axis=0)
    best = _level(ordered)
    return cv2.resize(best, (width, height), interpolation=cv2.INTER_LINEAR)


def _level(ordered: np.ndarray) -> np.ndarray:
    """The quantile map of ordered [samples, h, w] that sums to 1, between two samples linearly."""
    sums = ordered.sum(axis=(1, 2))
    k = int(np.clip(np.searchsorted(sums, 1.0), 1, len(sums) - 1))
    low, high = ordered[k - 1], ordered[k]
    part = np.clip((1 - sums[k - 1]) / max(sums[k] - sums[k - 1], 1e-300), 0, 1)
    best = low + part * (high - low)
    return best / best.sum()

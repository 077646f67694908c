"""What the mean over images is worth: percentile-bootstrap intervals, also of paired differences.

Images are the unit of resampling. A nan is an image without a score and is left out. All is
deterministic by seed.
"""

from typing import NamedTuple

import numpy as np

LEVEL = 0.95
RESAMPLES = 10_000
_CHUNK = 4_000_000  # resampling weights held at once


class Estimate(NamedTuple):
    """mean, the ends of its interval, and over how many images; nan without any image."""

    mean: float
    low: float
    high: float
    images: int


def interval(
    values: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    seed: int = 0,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Mean of values [N] with its percentile-bootstrap interval.

    weights [N] >= 0: of the images, drawn along with their values (default: all alike).
    """
    values = np.asarray(values, np.float64)
    weights = np.ones_like(values) if weights is None else np.asarray(weights, np.float64)
    has = ~np.isnan(values) & (weights > 0)
    values, weights = values[has], weights[has]
    if values.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    means = _resampled_means(values, weights, seed, resamples)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    mean = np.average(values, weights=weights)
    return Estimate(float(mean), float(low), float(high), values.size)


def paired_difference(ours: np.ndarray, theirs: np.ndarray, **options) -> Estimate:
    """Mean of ours - theirs over the images that have both, with its interval.

    The scores of one image go together, so what all methods find hard or easy cancels.
    """
    return interval(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64), **options)


def permutation_p(
    ours: np.ndarray, theirs: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES
) -> float:
    """Two-sided p value of the mean paired difference: how often random signs do as much.

    Under the hypothesis of no difference each image's difference could as well have the other sign.
    The observed signs count as one draw, so p is at least 1 / (resamples + 1). nan: no image.
    """
    difference = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    difference = difference[~np.isnan(difference)]
    if difference.size == 0:
        return float("nan")
    rng = np.random.default_rng(seed)
    rows = max(1, _CHUNK // difference.size)
    observed = abs(difference.sum()) * (1 - 1e-12)
    extreme = 0
    for start in range(0, resamples, rows):
        signs = rng.integers(0, 2, (min(rows, resamples - start), difference.size)) * 2 - 1
        extreme += np.count_nonzero(np.abs(signs @ difference) >= observed)
    return (extreme + 1) / (resamples + 1)


def _resampled_means(values, weights, seed: int, resamples: int) -> np.ndarray:
    """Weighted means of `resamples` draws of N images with replacement."""
    rng = np.random.default_rng(seed)
    rows = max(1, _CHUNK // values.size)
    means = []
    for start in range(0, resamples, rows):
        drawn = rng.integers(0, values.size, (min(rows, resamples - start), values.size))
        w = weights[drawn]
        means.append((values[drawn] * w).sum(axis=1) / w.sum(axis=1))
    return np.concatenate(means)

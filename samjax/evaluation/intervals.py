"""What the mean over images is worth: bootstrap intervals, also of paired differences.

Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7 (1979); Efron and
Tibshirani, "An Introduction to the Bootstrap" (1993), for the percentile interval; Fisher, "The
Design of Experiments" (1935), and Good, "Permutation, Parametric, and Bootstrap Tests of
Hypotheses" (2005), for the permutation test.

Images are the unit of resampling. A nan is an image without a score and is left out. Every result
follows from the seed.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

LEVEL = 0.95
RESAMPLES = 10_000
_CHUNK = 4_000_000  # resampled values held at once


class Estimate(NamedTuple):
    """A mean with its interval; everything is nan without any image.

    Attributes:
        mean: Over the images that have a value.
        low: The lower end of the interval.
        high: The upper end.
        images: How many images have a value.
    """

    mean: float
    low: float
    high: float
    images: int


def interval(
    values: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    seed: int = 0,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return the mean over images with its percentile-bootstrap interval.

    Args:
        values: [N], nan where an image has none.
        weights: [N], >= 0, of the images, which are resampled with their values; all alike if None.
        seed: Of the resampling.
        level: The probability that the interval covers.
        resamples: How often N images are drawn with replacement.
    """
    x = np.asarray(values, np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, np.float64)
    valid = ~np.isnan(x) & (w > 0)
    x, w = x[valid], w[valid]
    if x.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    mean = float(np.average(x, weights=w))
    if x.size == 1:  # every resample is this one image; SciPy refuses it
        return Estimate(mean, mean, mean, 1)
    bootstrap = stats.bootstrap(
        (x, w),
        _weighted_mean,
        paired=True,
        n_resamples=resamples,
        batch=max(1, _CHUNK // x.size),
        vectorized=True,
        confidence_level=level,
        method="percentile",
        random_state=np.random.default_rng(seed),
    )
    low, high = bootstrap.confidence_interval
    return Estimate(mean, float(low), float(high), x.size)


def _weighted_mean(values: np.ndarray, weights: np.ndarray, axis: int) -> np.ndarray:
    """Return the weighted mean along an axis."""
    return (values * weights).sum(axis=axis) / weights.sum(axis=axis)


def paired_difference(ours: ArrayLike, theirs: ArrayLike, **options: Any) -> Estimate:
    """Return the mean of ours - theirs [N] over the images that have both, with its interval.

    The two scores of an image are resampled together, so what all methods find hard or easy
    cancels. options: as for `interval`.
    """
    return interval(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64), **options)


def permutation_p(
    ours: ArrayLike, theirs: ArrayLike, *, seed: int = 0, resamples: int = RESAMPLES
) -> float:
    """Return the two-sided p value of the mean paired difference of two methods.

    Under the hypothesis of no difference each image's difference could as well have the other sign.
    So p is the fraction of random signs whose mean is at least as far from zero. The observed signs
    count as one draw: p is at least 1 / (resamples + 1).

    Args:
        ours: [N], nan where an image has no score.
        theirs: [N], of the same images.
        seed: Of the random signs.
        resamples: How often signs are drawn.

    Returns:
        The p value; nan if no image has both scores.
    """
    # scipy.stats.permutation_test does the same but draws other signs for a seed, and doubles the
    # smaller tail. Published p values would change, so the resampling stays; a test compares both.
    difference = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    difference = difference[~np.isnan(difference)]
    if difference.size == 0:
        return float("nan")
    rng = np.random.default_rng(seed)
    rows = max(1, _CHUNK // difference.size)
    observed = abs(difference.sum()) * (1 - 1e-12)  # sums of equal terms may differ by rounding
    extreme = 0
    for start in range(0, resamples, rows):
        signs = rng.integers(0, 2, (min(rows, resamples - start), difference.size)) * 2 - 1
        extreme += int(np.count_nonzero(np.abs(signs @ difference) >= observed))
    return (extreme + 1) / (resamples + 1)

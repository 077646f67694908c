"""What a mean score over images and seeds is worth: its interval, and that of a difference.

Scores are arrays [S, N] of S models, which differ in their seed, on N images. Images and seeds are
both resampled, so an interval covers other images and other runs of the training alike. This is the
two-way percentile bootstrap; see Owen, "The pigeonhole bootstrap", Annals of Applied Statistics
1 (2007).
"""

from typing import Any

import numpy as np

from samjax.evaluation import intervals

RESAMPLES = intervals.RESAMPLES
MAX_DRAWN = 2_000_000
"""Images that are drawn at once, which bounds the memory."""

Estimate = dict[str, Any]


def estimate(scores: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Return the mean of scores with its interval.

    The interval is the percentile bootstrap of the mean: seeds and images are drawn with
    replacement, the same images for each seed. With one seed it is over images alone.

    Args:
        scores: [S, N]; nan where an image has no score, which leaves the image out.
        seed: Of the resampling.
        resamples: How often the scores are resampled.

    Returns:
        {"mean", "low", "high", "images", "seeds"}; nan without any image.
    """
    scores = _images_with_scores(scores)
    seeds, images = scores.shape
    if images == 0:
        return {"mean": np.nan, "low": np.nan, "high": np.nan, "images": 0, "seeds": seeds}
    tail = (1 - intervals.LEVEL) / 2
    low, high = np.quantile(_resampled_means(scores, seed, resamples), [tail, 1 - tail])
    return {
        "mean": float(scores.mean()),
        "low": float(low),
        "high": float(high),
        "images": images,
        "seeds": seeds,
    }


def difference(ours: np.ndarray, theirs: np.ndarray, *, seed: int = 0) -> Estimate:
    """Return the estimate of ours - theirs [S, N], paired by seed and image, with a p value.

    p is that of the two-sided permutation test over images, of the mean over seeds.
    """
    gap = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    p = intervals.permutation_p(gap.mean(axis=0), np.zeros(gap.shape[1]), seed=seed)
    return {**estimate(gap, seed=seed), "p": p}


def _images_with_scores(scores: np.ndarray) -> np.ndarray:
    """Return the columns of [S, N] without nan."""
    scores = np.asarray(scores, np.float64)
    return scores[:, ~np.isnan(scores).any(axis=0)]


def _resampled_means(scores: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Return the means [resamples] of scores [S, N] over drawn seeds and drawn images."""
    rng = np.random.default_rng(seed)
    seeds, images = scores.shape
    means = []
    rows = max(1, MAX_DRAWN // images)
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        drawn_images = rng.integers(0, images, (count, images))
        # How often each seed was drawn, as its weight in the mean.
        seed_weights = rng.multinomial(seeds, np.full(seeds, 1 / seeds), count) / seeds
        mean_per_seed = np.stack([row[drawn_images].mean(axis=1) for row in scores], axis=1)
        means.append((mean_per_seed * seed_weights).sum(axis=1))
    return np.concatenate(means)

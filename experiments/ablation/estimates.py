"""What a score over images and seeds is worth.

Scores are [S, N]: S models that differ in their seed, N images. Images and seeds are both
resampled, so an interval covers other images and other runs of the training alike.
"""

import numpy as np

from samjax.evaluation import intervals

RESAMPLES = intervals.RESAMPLES
_CHUNK = 2_000_000


def estimate(scores: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES) -> dict:
    """{"mean", "low", "high", "images", "seeds"} of scores [S, N]; nan: an image without a score.

    The interval is the percentile bootstrap of the mean: seeds and images drawn with replacement,
    the same images for each seed. One seed: over images alone.
    """
    scores = _with_scores(scores)
    seeds, images = scores.shape
    if images == 0:
        return {"mean": np.nan, "low": np.nan, "high": np.nan, "images": 0, "seeds": seeds}
    tail = (1 - intervals.LEVEL) / 2
    low, high = np.quantile(_means(scores, seed, resamples), [tail, 1 - tail])
    return {
        "mean": float(scores.mean()),
        "low": float(low),
        "high": float(high),
        "images": images,
        "seeds": seeds,
    }


def difference(ours: np.ndarray, theirs: np.ndarray, *, seed: int = 0) -> dict:
    """`estimate` of ours - theirs [S, N], paired by seed and image, with a p value.

    p: the two-sided permutation test over images, of the mean over seeds.
    """
    gap = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    p = intervals.permutation_p(gap.mean(axis=0), np.zeros(gap.shape[1]), seed=seed)
    return {**estimate(gap, seed=seed), "p": p}


def _with_scores(scores: np.ndarray) -> np.ndarray:
    scores = np.asarray(scores, np.float64)
    return scores[:, ~np.isnan(scores).any(axis=0)]


def _means(scores: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Means [resamples] over drawn seeds and drawn images."""
    rng = np.random.default_rng(seed)
    seeds, images = scores.shape
    found = []
    rows = max(1, _CHUNK // images)
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        drawn = rng.integers(0, images, (count, images))
        weights = rng.multinomial(seeds, np.full(seeds, 1 / seeds), count) / seeds
        per_seed = np.stack([row[drawn].mean(axis=1) for row in scores], axis=1)
        found.append((per_seed * weights).sum(axis=1))
    return np.concatenate(found)

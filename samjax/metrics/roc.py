"""Areas under ROC curves of a batch of images.

Shapes: saliency, fixations (counts), negatives (counts) [B, H, W], mask [B, H, W] bool -> [B].
"""

import jax
import jax.numpy as jnp
from jax import Array

from samjax.metrics import masked
from samjax.metrics.ranking import PixelRanks, rank_area, rank_pixels

NEAR = 1e-5  # of a step: a value this close below a threshold counts as reaching it


def flat_counts(counts: Array, mask: Array) -> Array:
    """[B, H, W] counts to int32 [B, N], 0 outside the mask."""
    whole = jnp.where(mask, counts, 0).astype(jnp.int32)
    return whole.reshape(whole.shape[0], -1)


def places(saliency: Array, fixations: Array, mask: Array, limit: int | None) -> PixelRanks:
    """Every image's pixels among its fixated values; limit: see `ranking`, None: every pixel."""
    counts = flat_counts(fixations, mask)
    limit = counts.shape[1] if limit is None else min(limit, counts.shape[1])
    values = saliency.reshape(counts.shape)
    return jax.vmap(lambda v, c: rank_pixels(v, c, limit))(values, counts)


def rank_auc(
    saliency: Array, fixations: Array, negatives: Array, mask: Array, limit, area_of=rank_area
) -> Array:
    """Area against the negatives (see `ranking` for `area_of`); more fixated than limit: nan."""
    placed = places(saliency, fixations, mask, limit)
    area = jax.vmap(area_of)(placed, flat_counts(negatives, mask))
    return jnp.where(placed.count > placed.fixated.shape[1], jnp.nan, area)


def threshold_auc(
    saliency: Array, fixations: Array, negatives: Array, mask: Array, levels: int
) -> Array:
    """Area by trapezoids between thresholds 0, 1 / levels, 2 / levels ... of the map in 0..1.

    fixations, negatives: how often each pixel counts. The codes that define such areas draw the
    negatives at random; the area is linear in the share of negatives above a threshold, so the
    shares of all of them give exactly the mean over all draws, without a seed.
    Nothing to draw from: nan. Constant map: .5.
    """
    unit = masked.unit_range_map(saliency, mask)
    level = jnp.floor(unit * levels + NEAR).astype(jnp.int32).reshape(unit.shape[0], -1)
    hits, alarms = (
        jax.vmap(lambda k, n: _shares(k, n, levels, unit.dtype))(level, flat_counts(n, mask))
        for n in (fixations, negatives)
    )
    area = jnp.sum((alarms[:, 1:] - alarms[:, :-1]) * (hits[:, 1:] + hits[:, :-1]) / 2, axis=1)
    return jnp.where(masked.is_constant(saliency, mask), area * 0 + 0.5, area)


def _shares(level: Array, counts: Array, levels: int, dtype) -> Array:
    """Share of the counts at or above each threshold, the highest first, behind a 0."""
    histogram = jnp.zeros(levels + 1, jnp.int32).at[level].add(counts)
    above = jnp.concatenate([jnp.zeros(1, jnp.int32), jnp.cumsum(histogram[::-1])])
    return above.astype(dtype) / above[-1].astype(dtype)

"""Areas under the ROC curves of a batch of images.

Shapes: saliency [B, H, W]; counts (of fixations) and negatives [B, H, W], how often each pixel
counts; mask [B, H, W] bool. Results are [B].

`limit` is a static bound: at least the largest number of fixated pixels in an image. It sets the
cost. An image with more has nan. None: every pixel could be fixated.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Int

from samjax.metrics import masked
from samjax.metrics.arrays import Counts, Maps, Mask, Values
from samjax.metrics.ranking import PixelRanks, rank_area, rank_pixels

NEAR = 1e-5  # of a step: a value this close below a threshold counts as reaching it


def flat_counts(counts: Counts, mask: Mask) -> Int[Array, "B N"]:
    """Return count maps [B, H, W] as int32 [B, N], 0 outside the mask."""
    whole = jnp.where(mask, counts, 0).astype(jnp.int32)
    return whole.reshape(whole.shape[0], -1)


def places(saliency: Maps, counts: Counts, mask: Mask, limit: int | None) -> PixelRanks:
    """Return the places of every image's pixels among its fixated values, with a batch axis."""
    flat = flat_counts(counts, mask)
    # An image cannot have more fixated pixels than pixels.
    limit = flat.shape[1] if limit is None else min(limit, flat.shape[1])
    values = saliency.reshape(flat.shape)
    return jax.vmap(lambda v, c: rank_pixels(v, c, limit))(values, flat)


def rank_auc(
    saliency: Maps,
    counts: Counts,
    negatives: Counts,
    mask: Mask,
    limit: int | None,
    area_of: Callable[[PixelRanks, Array], Array] = rank_area,
) -> Values:
    """Return the areas [B] of fixations against negatives, from the ranks of the pixels.

    Args:
        saliency: The predictions [B, H, W].
        counts: Fixations per pixel [B, H, W].
        negatives: How often each pixel is a negative [B, H, W].
        mask: bool [B, H, W], True where a pixel counts.
        limit: see the module.
        area_of: Which area: `rank_area` or `trapezoid_area` of `ranking`.
    """
    placed = places(saliency, counts, mask, limit)
    area = jax.vmap(area_of)(placed, flat_counts(negatives, mask))
    # Left out values would give a wrong area, so it gives none.
    return jnp.where(placed.num_fixated > placed.fixated.shape[1], jnp.nan, area)


def threshold_auc(
    saliency: Maps, counts: Counts, negatives: Counts, mask: Mask, levels: int
) -> Values:
    """Return the areas [B] by trapezoids between thresholds 0, 1 / levels, 2 / levels ...

    The thresholds are those of the map scaled to 0..1. The codes that define such areas (Borji et
    al., IEEE Transactions on Image Processing 22, 2013) draw the negatives at random. The area is
    linear in the fraction of negatives above a threshold, so the fractions of all of them give
    exactly the mean over all draws, without a seed.

    Nothing to draw from: nan. A constant map: .5.
    """
    unit = masked.unit_range_map(saliency, mask)
    # Rounding may put a value of exactly k / levels a little below its threshold.
    level = jnp.floor(unit * levels + NEAR).astype(jnp.int32).reshape(unit.shape[0], -1)

    def fractions(counted: Counts) -> Float[Array, "B L"]:
        """Return the fractions of the counts at or above each threshold."""
        flat = flat_counts(counted, mask)
        return jax.vmap(lambda k, n: _fractions_above(k, n, levels, unit.dtype))(level, flat)

    hits, alarms = fractions(counts), fractions(negatives)
    # Trapezoids; beside the thresholds the curve has the point (0, 0) in front.
    area = jnp.sum((alarms[:, 1:] - alarms[:, :-1]) * (hits[:, 1:] + hits[:, :-1]) / 2, axis=1)
    return jnp.where(masked.is_constant(saliency, mask), area * 0 + 0.5, area)


def _fractions_above(
    level: Int[Array, " N"], counts: Int[Array, " N"], levels: int, dtype: DTypeLike
) -> Float[Array, " L"]:
    """Return the fraction of the counts at or above each threshold, the highest first, after a 0.

    level [N] says which is the highest threshold that each pixel reaches.
    """
    histogram = jnp.zeros(levels + 1, jnp.int32).at[level].add(counts)
    above = jnp.concatenate([jnp.zeros(1, jnp.int32), jnp.cumsum(histogram[::-1])])
    return above.astype(dtype) / above[-1].astype(dtype)

"""Ranks pixels against the fixated values of their image, exactly, without sorting the pixels.

Of N pixels n are fixated, a few hundred. The n values are sorted, every pixel finds its place among
them by a table and a short binary search, and a histogram of the places holds all that an area
under a ROC curve needs. The area is the statistic of Mann and Whitney, "On a Test of Whether one of
Two Random Variables is Stochastically Larger than the Other", Annals of Mathematical Statistics 18
(1947); see Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

BUCKETS = 4096  # of equal width, by which a value finds its place
BLOCK = 64  # pixels that are asked together whether one is fixated


class PixelRanks(NamedTuple):
    """Where the N pixels of one image stand among its n fixated values v_0 <= v_1 <= ...

    Attributes:
        fixated: The fixated values [K], ascending, then infinity.
        weight: How many fixations each of them stands for [K]; 0 behind the last.
        slot: The place of each pixel [N]: 2k where v_{k-1} < value < v_k, and 2k + 1 where
            value == v_k (the first of equal v).
        num_fixated: n, the number of fixated pixels; a K below it leaves some out.
    """

    fixated: Float[Array, " K"]
    weight: Int[Array, " K"]
    slot: Int[Array, " N"]
    num_fixated: Int[Array, ""]


class Ranks(NamedTuple):
    """Where the negatives stand among the n fixated values v_0 <= v_1 <= ... of one image.

    Attributes:
        between: How many negatives [K + 1] have v_{k-1} < value < v_k.
        equal: How many negatives [K] have value == v_k, counted at the first k of equal v.
    """

    between: Int[Array, " K+1"]
    equal: Int[Array, " K"]


def rank_pixels(values: Float[Array, " N"], counts: Int[Array, " N"], limit: int) -> PixelRanks:
    """Return the places of all pixels of one image among its fixated values.

    Args:
        values: The prediction at each pixel [N], finite.
        counts: Fixations per pixel [N], int32.
        limit: K, at least the number of fixated pixels (static).
    """
    fixated_at = counts > 0
    num_fixated = jnp.sum(fixated_at, dtype=jnp.int32)
    index = _first_true(fixated_at, limit)
    fixated = jnp.take(values, index, mode="fill", fill_value=jnp.inf)
    weight = jnp.take(counts, index, mode="fill", fill_value=0)
    fixated, weight = jax.lax.sort((fixated, weight), num_keys=1)
    # Behind the last fixated value stands infinity, above every finite pixel.
    place = _places(fixated, values)
    tied = fixated[jnp.minimum(place, limit - 1)] == values
    return PixelRanks(fixated, weight, 2 * place + tied, num_fixated)


def _first_true(flags: Bool[Array, " N"], limit: int) -> Int[Array, " K"]:
    """Return the indices [K] of the first `limit` true flags [N], ascending; N behind the last.

    Blocks that hold a true flag are found first, so that the expensive search runs over a few
    pixels only.
    """
    size = flags.shape[0]
    blocks = jnp.pad(flags, (0, -size % BLOCK)).reshape(-1, BLOCK)
    max_blocks = min(limit, blocks.shape[0])
    (which,) = jnp.nonzero(blocks.any(axis=1), size=max_blocks, fill_value=blocks.shape[0])
    picked = jnp.take(blocks, which, axis=0, mode="fill", fill_value=False).reshape(-1)
    (inside,) = jnp.nonzero(picked, size=limit, fill_value=picked.shape[0])
    block = jnp.take(which, inside // BLOCK, mode="fill", fill_value=blocks.shape[0])
    return jnp.minimum(block * BLOCK + inside % BLOCK, size)


def rank(places: PixelRanks, negatives: Int[Array, " N"]) -> Ranks:
    """Return the ranks of the negatives; negatives [N] int32 says how often each pixel is one."""
    limit = places.fixated.shape[0]
    histogram = jnp.zeros(2 * limit + 1, jnp.int32).at[places.slot].add(negatives)
    return Ranks(histogram[::2], histogram[1::2])


def group_sizes(places: PixelRanks) -> Int[Array, " K"]:
    """Return how many fixated pixels share the value v_k [K], at the first k of equal v; else 0."""
    # Infinity behind the last value is a group too, of which nothing is counted.
    first = jnp.searchsorted(places.fixated, places.fixated, side="left")
    is_fixated = jnp.arange(places.fixated.shape[0]) < places.num_fixated
    sizes = jnp.zeros(is_fixated.shape[0], jnp.int32)
    return sizes.at[first].add(is_fixated.astype(jnp.int32))


def rank_area(places: PixelRanks, negatives: Int[Array, " N"]) -> Float[Array, ""]:
    """Return the probability that a fixation's value exceeds that of a negative, ties 1/2.

    This is the area under the ROC curve with every threshold; nan without any fixation or negative.
    negatives [N] int32 says how often each pixel is one; repeats of fixations and of negatives all
    count. Counts are integers until the last division, so it is exact.
    """
    ranks = rank(places, negatives)
    first = jnp.searchsorted(places.fixated, places.fixated, side="left")
    # Strictly below v_k lie all between up to k, and all that equal a smaller value.
    below = jnp.cumsum(ranks.between)[:-1] + jnp.cumsum(ranks.equal) - ranks.equal
    below, equal = below[first], ranks.equal[first]
    total = jnp.sum(ranks.between) + jnp.sum(ranks.equal)
    dtype = places.fixated.dtype
    fraction = (below.astype(dtype) + equal.astype(dtype) / 2) / total.astype(dtype)
    # Behind the last value the fraction is that of infinity, and its weight is 0.
    weight = places.weight.astype(dtype)
    return jnp.sum(jnp.where(weight > 0, fraction, 0) * weight) / jnp.sum(weight)


def trapezoid_area(places: PixelRanks, negatives: Int[Array, " N"]) -> Float[Array, ""]:
    """Return the area with the fixated values alone as thresholds, joined by straight lines.

    A negative that lies at or above one threshold t and below the next has the height halfway
    between the fractions of fixations >= either; below all thresholds it has 1. Repeats count.
    """
    ranks = rank(places, negatives)
    dtype = places.fixated.dtype
    first = jnp.searchsorted(places.fixated, places.fixated, side="left")
    weight = places.weight
    above = jnp.concatenate([jnp.cumsum(weight[::-1])[::-1], jnp.zeros(1, jnp.int32)])
    # From the first of equal values, over as many as are equal.
    next_group = jnp.arange(weight.shape[0]) + group_sizes(places)
    tied = above[:-1] + above[next_group]
    between = jnp.concatenate([2 * above[:1], above[1:] + above[first]])
    area = jnp.sum(ranks.between.astype(dtype) * between) + jnp.sum(
        ranks.equal.astype(dtype) * tied
    )
    total = jnp.sum(ranks.between) + jnp.sum(ranks.equal)
    return area / (2 * above[0].astype(dtype)) / total.astype(dtype)


def _places(ordered: Float[Array, " K"], values: Float[Array, " N"]) -> Int[Array, " N"]:
    """Return how many of `ordered` lie below each value: jnp.searchsorted(ordered, values), faster.

    The range of the values is cut into buckets of equal width. A table tells how many of `ordered`
    lie in lower buckets, and a binary search runs over those in the value's own bucket: a step or
    two in most maps, log2(K) at most. Each step fetches a number per value, which is what costs.

    Args:
        ordered: Some of the values [K], ascending, then infinity.
        values: The values [N], finite.
    """
    # Halves, so that no difference of finite numbers overflows.
    low, high = jnp.min(values) / 2, jnp.max(values) / 2
    span = jnp.where(high > low, high - low, 1)

    def bucket(x: Array) -> Array:
        """Return the bucket of each x, which never falls as x grows, however it is rounded."""
        return jnp.clip((x / 2 - low) / span * (BUCKETS - 1), 0, BUCKETS).astype(jnp.int32)

    # Infinity has the last bucket to itself.
    inside = jnp.zeros(BUCKETS + 1, jnp.int32).at[bucket(ordered)].add(1)
    in_lower = jnp.cumsum(inside) - inside
    most = jnp.max(inside[:BUCKETS])
    # The values in higher buckets are larger, so the search needs no end but that of the array.
    ordered = jnp.pad(ordered, (0, ordered.shape[0]), constant_values=jnp.inf)

    def halve(state: tuple[Array, Array]) -> tuple[Array, Array]:
        step, place = state
        return step // 2, jnp.where(ordered[place + step - 1] < values, place + step, place)

    # The largest power of two that is no larger than `most`.
    step = jnp.where(most > 0, 1 << (31 - jax.lax.clz(most)), 0)
    state = (step, in_lower[bucket(values)])
    return jax.lax.while_loop(lambda state: state[0] > 0, halve, state)[1]

"""Ranks pixels against the fixated values of their image, exactly, without sorting the pixels.

N pixels, n fixated ones (a few hundred): the n values are sorted, every pixel finds its place among
them by binary search, and a histogram of the places holds all an area under a ROC curve needs.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

PIVOTS = 16
BLOCK = 64


class PixelRanks(NamedTuple):
    """Where the N pixels of one image stand among its n fixated values v_0 <= v_1 <= ...

    fixated [K]        the fixated values, ascending, then inf
    weight  [K] int32  how many fixations each stands for (0 behind the last)
    slot    [N] int32  2k: v_{k-1} < value < v_k; 2k + 1: value == v_k (the first of equal v)
    count   [] int32   n, the number of fixated pixels; a K below it leaves some out
    """

    fixated: Array
    weight: Array
    slot: Array
    count: Array


class Ranks(NamedTuple):
    """Negatives among the n fixated values v_0 <= v_1 <= ... of one image.

    between [K + 1] int32: negatives with v_{k-1} < value < v_k
    equal   [K] int32: negatives with value == v_k, counted at the first k of equal v
    """

    between: Array
    equal: Array


def rank_pixels(values: Array, counts: Array, limit: int) -> PixelRanks:
    """Places of all pixels of one image.

    values [N] finite float; counts [N] int32, fixations per pixel; limit: K, at least the number of
    fixated pixels (static).
    """
    fixated_at = counts > 0
    count = jnp.sum(fixated_at, dtype=jnp.int32)
    index = _first_true(fixated_at, limit)
    found = jnp.take(values, index, mode="fill", fill_value=jnp.inf)
    weight = jnp.take(counts, index, mode="fill", fill_value=0)
    fixated, weight = jax.lax.sort((found, weight), num_keys=1)
    place = _places(fixated, values)
    tied = fixated[jnp.minimum(place, limit - 1)] == values
    return PixelRanks(fixated, weight, 2 * place + tied, count)


def _first_true(flags: Array, limit: int) -> Array:
    """Indices of the first `limit` true flags [N], ascending; N behind the last.

    Blocks that hold one are found first, so that the expensive search runs over a few pixels only.
    """
    size = flags.shape[0]
    blocks = jnp.pad(flags, (0, -size % BLOCK)).reshape(-1, BLOCK)
    most = min(limit, blocks.shape[0])
    (which,) = jnp.nonzero(blocks.any(axis=1), size=most, fill_value=blocks.shape[0])
    picked = jnp.take(blocks, which, axis=0, mode="fill", fill_value=False).reshape(-1)
    (inside,) = jnp.nonzero(picked, size=limit, fill_value=picked.shape[0])
    block = jnp.take(which, inside // BLOCK, mode="fill", fill_value=blocks.shape[0])
    return jnp.minimum(block * BLOCK + inside % BLOCK, size)


def rank(places: PixelRanks, negatives: Array) -> Ranks:
    """Ranks of the negatives; negatives [N] int32: how often each pixel is one."""
    limit = places.fixated.shape[0]
    histogram = jnp.zeros(2 * limit + 1, jnp.int32).at[places.slot].add(negatives)
    return Ranks(histogram[::2], histogram[1::2])


def group_sizes(places: PixelRanks) -> Array:
    """How many fixated pixels [K] share the value v_k, at the first k of equal v; else 0."""
    first = jnp.searchsorted(places.fixated, places.fixated, side="left")
    real = jnp.arange(places.fixated.shape[0]) < places.count
    return jnp.zeros(real.shape[0], jnp.int32).at[first].add(real.astype(jnp.int32))


def rank_area(places: PixelRanks, negatives: Array) -> Array:
    """Probability that a fixation's value exceeds that of a negative, ties 1/2; nan without any.

    The area under the ROC curve with every threshold. negatives [N] int32; repeats of fixations and
    of negatives all count. Counts are integers until the last division, so it is exact.
    """
    ranks = rank(places, negatives)
    first = jnp.searchsorted(places.fixated, places.fixated, side="left")
    below = jnp.cumsum(ranks.between)[:-1] + jnp.cumsum(ranks.equal) - ranks.equal
    below, equal = below[first], ranks.equal[first]
    total = jnp.sum(ranks.between) + jnp.sum(ranks.equal)
    dtype = places.fixated.dtype
    share = (below.astype(dtype) + equal.astype(dtype) / 2) / total.astype(dtype)
    weight = places.weight.astype(dtype)
    return jnp.sum(jnp.where(weight > 0, share, 0) * weight) / jnp.sum(weight)


def trapezoid_area(places: PixelRanks, negatives: Array) -> Array:
    """Area with the fixated values alone as thresholds, joined by straight lines.

    A negative that lies at or above one threshold t and below the next has the height halfway
    between the shares of fixations >= either; below all thresholds it has 1. Repeats count.
    """
    ranks = rank(places, negatives)
    dtype = places.fixated.dtype
    first = jnp.searchsorted(places.fixated, places.fixated, side="left")
    weight = places.weight
    above = jnp.concatenate([jnp.cumsum(weight[::-1])[::-1], jnp.zeros(1, jnp.int32)])
    next_group = jnp.arange(weight.shape[0]) + group_sizes(places)
    tied = above[:-1] + above[next_group]
    between = jnp.concatenate([2 * above[:1], above[1:] + above[first]])
    area = jnp.sum(ranks.between.astype(dtype) * between) + jnp.sum(
        ranks.equal.astype(dtype) * tied
    )
    total = jnp.sum(ranks.between) + jnp.sum(ranks.equal)
    return area / (2 * above[0].astype(dtype)) / total.astype(dtype)


def _places(ordered: Array, values: Array) -> Array:
    """jnp.searchsorted(ordered, values), faster: how many of `ordered` [K] lie below each value.

    Comparing with a few pivots is plain arithmetic and narrows the place to a block; the steps of
    the binary search inside the block each fetch one value per pixel, which costs far more.
    """
    limit = ordered.shape[0]
    block = 1 << max((limit // PIVOTS - 1).bit_length(), 0) if limit >= PIVOTS else 1
    pivots = ordered[block - 1 :: block]
    below = jnp.zeros(values.shape, jnp.int32)
    for k in range(pivots.shape[0]):
        below += (pivots[k] < values).astype(jnp.int32)
    place = below * block
    while block > 1:
        block //= 2
        probe = jnp.minimum(place + block - 1, limit - 1)
        step = (ordered[probe] < values) & (place + block <= limit)
        place = jnp.where(step, place + block, place)
    last = (place < limit) & (ordered[jnp.minimum(place, limit - 1)] < values)
    return place + last.astype(jnp.int32)

"""Ranks pixels against the fixated values of their image, exactly, without sorting the pixels.

N pixels, n fixated ones (a few hundred): the n values are sorted, every pixel finds its place among
them by binary search, and a histogram of the places holds all an area under a ROC curve needs.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

PIVOTS = 8


class Ranks(NamedTuple):
    """Where pixels stand among the n fixated values v_0 <= v_1 <= ... of one image.

    between [K + 1] int32: pixels with v_{k-1} < value < v_k
    equal   [K] int32: pixels with value == v_k, counted at the first k of equal v
    size    [K] int32: how many of the v equal v_k, at the first k of equal v; else 0
    count   [] int32: n, the number of fixated pixels
    """

    between: Array
    equal: Array
    size: Array
    count: Array


def rank_pixels(values: Array, positives: Array, pixels: Array, limit: int) -> Ranks:
    """Ranks of the `pixels` of one image among its `positives`.

    values [N] finite float; positives [N] bool, the fixated pixels; pixels [N] bool, those to be
    ranked; limit: K, at least the number of positives (static).
    """
    # top_k of the fixated values (others: -inf) sorts them without sorting the image.
    descending, _ = jax.lax.top_k(jnp.where(positives, values, -jnp.inf), limit)
    count = jnp.sum(positives, dtype=jnp.int32)
    real = jnp.arange(limit) < count
    fixated = jnp.sort(jnp.where(real, descending, jnp.inf))
    place = _places(fixated, values)
    ties = fixated[jnp.minimum(place, limit - 1)] == values
    slot = jnp.where(pixels, 2 * place + ties, 2 * limit + 1)
    histogram = jnp.zeros(2 * limit + 2, jnp.int32).at[slot].add(1)
    first = jnp.searchsorted(fixated, fixated, side="left")
    group = jnp.zeros(limit, jnp.int32).at[first].add(real.astype(jnp.int32))
    return Ranks(histogram[:-1:2], histogram[1:-1:2], group, count)


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

"""Reductions over the pixels of an image that count, one value per image.

Every function takes maps x [B, H, W] and a mask [B, H, W] that is True where a pixel counts.
Results are [B]; those of the functions named `..._map` are [B, H, W] and 0 outside the mask. An
empty mask has 0 pixels and is never an error.
"""

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Bool, Shaped

from samjax.metrics.arrays import Counts, Maps, Mask, Values

# Of one stage of a sum. Three stages of 64 hold 262,144 pixels; larger images grow the last one.
TERMS = 64


def spread(value: Shaped[Array, " B"]) -> Shaped[Array, "B 1 1"]:
    """Return one value per image [B] in a shape that broadcasts against maps, [B, 1, 1]."""
    return value[:, None, None]


def size(mask: Mask, dtype: DTypeLike) -> Values:
    """Return the number of pixels that count [B], counted in integers and therefore exact."""
    return jnp.sum(mask, axis=(1, 2), dtype=jnp.int32).astype(dtype)


def total(x: Maps, mask: Mask) -> Values:
    """Return the sum of each image [B], in three stages of about 64 terms each.

    One long sum of float32 drifts by 1e-5 where values repeat, as they do in 8-bit maps. Sums of
    few terms stay at 1e-7.
    """
    terms = jnp.where(mask, x, 0).reshape(x.shape[0], -1)
    terms = jnp.pad(terms, ((0, 0), (0, -terms.shape[1] % TERMS**2)))
    terms = terms.reshape(x.shape[0], TERMS, TERMS, -1)
    for _ in range(2):
        # Without the barrier the compiler would join the stages to one long sum.
        terms = jax.lax.optimization_barrier(jnp.sum(terms, axis=1))
    return jnp.sum(terms, axis=1)


def mean(x: Maps, mask: Mask) -> Values:
    """Return the mean of each image [B]; it is nan, 0 / 0, for an empty mask."""
    return total(x, mask) / size(mask, x.dtype)


def minimum(x: Maps, mask: Mask) -> Values:
    """Return the smallest value of each image [B]; infinity for an empty mask."""
    return jnp.min(jnp.where(mask, x, jnp.inf), axis=(1, 2))


def maximum(x: Maps, mask: Mask) -> Values:
    """Return the largest value of each image [B]; minus infinity for an empty mask."""
    return jnp.max(jnp.where(mask, x, -jnp.inf), axis=(1, 2))


def is_constant(x: Maps, mask: Mask) -> Bool[Array, " B"]:
    """Return whether all pixels that count have exactly the same value [B]; True without any."""
    # Not `==`: without any pixel the minimum is infinity and the maximum minus infinity.
    return minimum(x, mask) >= maximum(x, mask)


def is_finite(x: Maps, mask: Mask) -> Bool[Array, " B"]:
    """Return whether no pixel that counts is nan or infinite [B]."""
    # What lies in the padding is never looked at, be it nan.
    return jnp.all(jnp.isfinite(x) | ~mask, axis=(1, 2))


def unit_range_map(x: Maps, mask: Mask) -> Maps:
    """Scale each map to 0..1 by its minimum and maximum; a constant map becomes 1 everywhere."""
    low, high = minimum(x, mask), maximum(x, mask)
    constant = is_constant(x, mask)
    span = jnp.where(constant, 1, high - low)  # 1 keeps the unused branch free of 0 / 0
    scaled = (x - spread(low)) / spread(span)
    return jnp.where(mask, jnp.where(spread(constant), 1, scaled), 0)


def centered_map(x: Maps, mask: Mask) -> Maps:
    """Subtract the mean of each map, and scale its range to 1; a constant map becomes 0 everywhere.

    The mean is taken twice: the second pass removes what rounding left of the first, so that a map
    with a large offset keeps all the digits its values have. The scaling keeps the squares of very
    small values (those of a density) and of very large ones inside the range of float32.
    """
    unit = unit_range_map(x, mask)
    first = unit - spread(mean(unit, mask))
    second = jnp.where(mask, first - spread(mean(first, mask)), 0)
    return jnp.where(spread(is_constant(x, mask)), 0, second)


def distribution_map(x: Maps, mask: Mask) -> Maps:
    """Divide each map, which must be >= 0, by its sum; an all-zero map stays zero.

    The map is divided by its maximum first, so that the sum neither overflows nor loses small
    values.
    """
    peak = maximum(x, mask)
    scaled = jnp.where(mask, x, 0) / spread(jnp.where(peak > 0, peak, 1))
    mass = total(scaled, mask)
    return scaled / spread(jnp.where(mass > 0, mass, 1))


def shifted_map(x: Maps, mask: Mask) -> Maps:
    """Move each map that has negative values up to a minimum of zero; leave the others."""
    return x - spread(jnp.minimum(minimum(x, mask), 0))


def checked(value: Values, saliency: Maps, truth: Counts, mask: Mask) -> Values:
    """Replace the values [B] of images that have no score by nan.

    Args:
        value: The scores [B].
        saliency: The predictions [B, H, W]; one with nan or infinity has no score.
        truth: bool [B, H, W]; an image where nothing is true, such as one without fixations, has
            no score.
        mask: bool [B, H, W], True where a pixel counts.
    """
    # A metric's own arithmetic may well turn nan into a number, by a maximum or a rank.
    valid = is_finite(saliency, mask) & jnp.any(truth & mask, axis=(1, 2))
    return jnp.where(valid, value, jnp.nan)

"""Reductions over the pixels of an image that count, one value per image.

x [B, H, W] float, mask [B, H, W] bool (True: the pixel counts). Results are [B]; those named
`..._map` are [B, H, W] and 0 outside the mask. An empty mask gives 0 pixels, never an error.
"""

import jax
import jax.numpy as jnp
from jax import Array

TERMS = 64


def spread(value: Array) -> Array:
    """One value per image [B], ready to meet maps: [B, 1, 1]."""
    return value[:, None, None]


def size(mask: Array, dtype) -> Array:
    """Number of pixels that count (exact: counted as integers)."""
    return jnp.sum(mask, axis=(1, 2), dtype=jnp.int32).astype(dtype)


def total(x: Array, mask: Array) -> Array:
    """Sum, in three stages of about 64 terms each.

    One long sum of float32 drifts by 1e-5 where values repeat, as they do in 8-bit maps; short ones
    stay at 1e-7. The barriers keep the compiler from joining the stages.
    """
    terms = jnp.where(mask, x, 0).reshape(x.shape[0], -1)
    terms = jnp.pad(terms, ((0, 0), (0, -terms.shape[1] % TERMS**2)))
    terms = terms.reshape(x.shape[0], TERMS, TERMS, -1)
    for _ in range(2):
        terms = jax.lax.optimization_barrier(jnp.sum(terms, axis=1))
    return jnp.sum(terms, axis=1)


def mean(x: Array, mask: Array) -> Array:
    """Mean; 0 / 0 = nan for an empty mask."""
    return total(x, mask) / size(mask, x.dtype)


def minimum(x: Array, mask: Array) -> Array:
    return jnp.min(jnp.where(mask, x, jnp.inf), axis=(1, 2))


def maximum(x: Array, mask: Array) -> Array:
    return jnp.max(jnp.where(mask, x, -jnp.inf), axis=(1, 2))


def is_constant(x: Array, mask: Array) -> Array:
    """True [B] where every pixel has exactly the same value (or no pixel counts)."""
    return minimum(x, mask) >= maximum(x, mask)


def is_finite(x: Array, mask: Array) -> Array:
    """True [B] where no pixel that counts is nan or infinite."""
    return jnp.all(jnp.isfinite(x) | ~mask, axis=(1, 2))


def unit_range_map(x: Array, mask: Array) -> Array:
    """Scales to 0..1 by minimum and maximum; a constant map becomes 1 everywhere."""
    low, high = minimum(x, mask), maximum(x, mask)
    constant = is_constant(x, mask)
    span = jnp.where(constant, 1, high - low)
    scaled = (x - spread(low)) / spread(span)
    return jnp.where(mask, jnp.where(spread(constant), 1, scaled), 0)


def centered_map(x: Array, mask: Array) -> Array:
    """x minus its mean, scaled to a largest magnitude of 1; 0 everywhere for a constant map.

    The mean is taken twice: the second pass removes what rounding left of the first, so that a map
    with a large offset keeps all the digits its values have. The scaling keeps the squares of very
    small (a density) or very large values inside the range of float32.
    """
    unit = unit_range_map(x, mask)
    first = unit - spread(mean(unit, mask))
    second = jnp.where(mask, first - spread(mean(first, mask)), 0)
    return jnp.where(spread(is_constant(x, mask)), 0, second)


def distribution_map(x: Array, mask: Array) -> Array:
    """x >= 0 divided by its sum; an all-zero map stays zero.

    Divides by the maximum first, so that the sum neither overflows nor loses small values.
    """
    peak = maximum(x, mask)
    scaled = jnp.where(mask, x, 0) / spread(jnp.where(peak > 0, peak, 1))
    mass = total(scaled, mask)
    return scaled / spread(jnp.where(mass > 0, mass, 1))


def shifted_map(x: Array, mask: Array) -> Array:
    """x moved up to a minimum of zero where it has negative values; else unchanged."""
    return x - spread(jnp.minimum(minimum(x, mask), 0))


def checked(value: Array, saliency: Array, truth: Array, mask: Array) -> Array:
    """nan where the prediction is not finite, or nothing in the ground truth (bool) is true."""
    valid = is_finite(saliency, mask) & jnp.any(truth & mask, axis=(1, 2))
    return jnp.where(valid, value, jnp.nan)

"""Maps [B, h, w] within a mask: what the terms of the loss are made of."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

EPSILON = 1e-7
"""What the release adds to its denominators and logarithms."""

# Below this variance a map that was divided by its maximum is constant up to rounding.
CONSTANT = 1e-12
AXES = (1, 2)

Maps = Float[Array, "B h w"]


def normalized(log_density: Maps, mask: Bool[Array, "B h w"]) -> Maps:
    """Return the log-density of which the density sums to 1 within the mask."""
    return log_density - jax.nn.logsumexp(
        jnp.where(mask, log_density, -jnp.inf), axis=AXES, keepdims=True
    )


def total_of(x: jax.Array) -> jax.Array:
    """Return the sum of each map, [B, 1, 1]."""
    return x.sum(axis=AXES, keepdims=True)


def over_maximum(x: jax.Array) -> jax.Array:
    """Return each map divided by its maximum.

    The maximum is picked by its index. The gradient of `max` compares values instead, and a
    compiler that recomputes the map with another rounding then finds no maximum: 0 / 0.
    """
    flat = x.reshape(len(x), -1)
    place = jnp.argmax(jax.lax.stop_gradient(flat), axis=1, keepdims=True)
    maximum = jnp.take_along_axis(flat, place, axis=1)[..., None]
    return x / jnp.where(maximum > 0, maximum, 1.0)


def standardized(x: jax.Array, mask: jax.Array) -> jax.Array:
    """Return the map with mean 0 and variance 1 within the mask, and 0 outside of it.

    A constant map becomes 0 everywhere. The inner `where` keeps the square root's gradient finite.
    """
    count = jnp.maximum(total_of(mask), 1.0)
    centered = (x - total_of(x * mask) / count) * mask
    variance = total_of(centered**2) / count
    varies = variance > CONSTANT
    std = jnp.sqrt(jnp.where(varies, variance, 1.0))
    return jnp.where(varies, centered / (std + EPSILON), 0.0)

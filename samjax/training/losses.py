"""SAM's loss, per image: KL, CC and NSS (Cornia et al. 2018, section III-D), and log-likelihood.

    saliency     [B, h, w]   prediction, >= 0, any scale
    log_density  [B, h, w]   prediction as a log-density
    density      [B, h, w]   where people looked, blurred; >= 0, any scale; all 0 where unknown
    fixations    [B, h, w]   how many fixations fell on each cell; all 0 where unknown
    mask         [B, h, w]   True on image content; everything else counts as absent

Definitions are the release's (epsilon = 1e-7), with p the prediction divided by its maximum:
    KL   sum y log(y / (p + eps) + eps), both divided by (sum + eps)
    CC   Pearson's correlation of p and y
    NSS  mean at the fixations of (p - mean) / (std + eps), std with the population's count
An image without what a term needs contributes 0 to it, and a constant map 0 to CC and NSS, with
gradient 0: the release gives NaN there.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

EPSILON = 1e-7
# Below this variance a map divided by its maximum is constant up to rounding.
CONSTANT = 1e-12
AXES = (1, 2)


class Terms(NamedTuple):
    """One value per image [B], and whether the image has what the value needs."""

    kl: jax.Array
    cc: jax.Array
    nss: jax.Array
    log_likelihood: jax.Array  # mean log-density at the fixations, in nats
    has_density: jax.Array
    has_fixations: jax.Array


class LossWeights(NamedTuple):
    """Of the terms in the loss. The release's: 10 KL - 2 CC - 1 NSS."""

    kl: float = 10.0
    cc: float = -2.0
    nss: float = -1.0
    log_likelihood: float = 0.0


def _sum(x: jax.Array) -> jax.Array:
    return x.sum(axis=AXES, keepdims=True)


def _over_maximum(x: jax.Array) -> jax.Array:
    """Each map over its maximum, which is picked by its index: the gradient of a maximum compares
    values, which a compiler that recomputes them with another rounding turns into 0 / 0."""
    flat = x.reshape(len(x), -1)
    place = jnp.argmax(jax.lax.stop_gradient(flat), axis=1, keepdims=True)
    maximum = jnp.take_along_axis(flat, place, axis=1)[..., None]
    return x / jnp.where(maximum > 0, maximum, 1.0)


def kl_divergence(p: jax.Array, y: jax.Array) -> jax.Array:
    """[B] from masked maps: the prediction over its maximum, and the density."""
    p = p / (_sum(p) + EPSILON)
    y = y / (_sum(y) + EPSILON)
    return (y * jnp.log(y / (p + EPSILON) + EPSILON)).sum(axis=AXES)


def _standardized(x: jax.Array, mask: jax.Array) -> jax.Array:
    """Mean 0 and variance 1 within the mask, 0 outside; 0 everywhere for a constant map."""
    count = jnp.maximum(_sum(mask), 1.0)
    centered = (x - _sum(x * mask) / count) * mask
    variance = _sum(centered**2) / count
    varies = variance > CONSTANT
    std = jnp.sqrt(jnp.where(varies, variance, 1.0))
    return jnp.where(varies, centered / (std + EPSILON), 0.0)


def correlation(p: jax.Array, y: jax.Array, mask: jax.Array) -> jax.Array:
    """[B] Pearson's correlation within the mask of maps of order 1."""
    product = _standardized(p, mask) * _standardized(y, mask)
    return (product.sum(axis=AXES)) / jnp.maximum(mask.sum(axis=AXES), 1.0)


def at_fixations(values: jax.Array, fixations: jax.Array) -> jax.Array:
    """[B] mean of the values at the fixations; 0 where there are none."""
    return (values * fixations).sum(axis=AXES) / jnp.maximum(fixations.sum(axis=AXES), 1.0)


def terms(
    saliency: jax.Array,
    log_density: jax.Array,
    density: jax.Array,
    fixations: jax.Array,
    mask: jax.Array,
    collapse_repeats: bool = True,
) -> Terms:
    """All terms of the loss.

    collapse_repeats: several fixations in one cell count once, as in the release.
    """
    mask = mask.astype(jnp.float32)
    density, fixations = density * mask, fixations * mask
    counts = (fixations > 0).astype(jnp.float32) if collapse_repeats else fixations
    p = _over_maximum(saliency * mask)
    within = jnp.where(mask > 0, log_density, -jnp.inf)
    log_density = log_density - jax.nn.logsumexp(within, axis=AXES, keepdims=True)
    return Terms(
        kl=kl_divergence(p, density),
        cc=correlation(p, _over_maximum(density), mask),
        nss=at_fixations(_standardized(p, mask), counts),
        log_likelihood=at_fixations(log_density, fixations),
        has_density=density.max(axis=AXES) > 0,
        has_fixations=fixations.max(axis=AXES) > 0,
    )


def terms_per_timestep(saliency: jax.Array, log_density: jax.Array, *targets, **options) -> Terms:
    """The terms of every timestep's maps [B, T, h, w], each value [B, T].

    targets: density, fixations, mask as for `terms`, either [B, h, w], the same for all timesteps,
    or [B, T, h, w], each timestep's own.
    """
    batch, steps, *grid = saliency.shape

    def flat(x: jax.Array) -> jax.Array:
        x = x[:, None] if x.ndim == 3 else x
        return jnp.broadcast_to(x, (batch, steps, *grid)).reshape(-1, *grid)

    values = terms(*map(flat, (saliency, log_density, *targets)), **options)
    return jax.tree.map(lambda v: v.reshape(batch, steps), values)


def total(values: Terms, weights: LossWeights) -> jax.Array:
    """The loss of each image, in the shape of the values."""
    return sum(w * v for w, v in zip(weights, values[:4], strict=True) if w)

"""SAM's loss, per image: KL, CC and NSS (Cornia et al. 2018, section III-D), and log-likelihood.

    saliency     [B, h, w]   the prediction, >= 0, of any scale
    log_density  [B, h, w]   the prediction as the logarithm of a density
    density      [B, h, w]   where people looked, blurred; >= 0, of any scale; all 0 where unknown
    counts       [B, h, w]   how many fixations fell on each cell; all 0 where unknown
    mask         [B, h, w]   True on image content; everything else counts as absent

The definitions are those of the release (epsilon = 1e-7), with p the prediction divided by its
maximum:

    KL   sum of y log(y / (p + eps) + eps), with p and y both divided by (their sum + eps)
    CC   Pearson's correlation of p and y
    NSS  mean at the fixations of (p - mean) / (std + eps), with the population's std (ddof 0)

An image without what a term needs contributes 0 to that term. A constant map contributes 0 to CC
and NSS, with gradient 0, where the release gives NaN.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from samjax.training.masked_maps import (
    AXES,
    EPSILON,
    Maps,
    normalized,
    over_maximum,
    standardized,
    total_of,
)

PerImage = Float[Array, " B"]


class Terms(NamedTuple):
    """One value per image [B] (or per image and timestep [B, T]), and which images have it."""

    kl: jax.Array  # nats
    cc: jax.Array
    nss: jax.Array
    log_likelihood: jax.Array  # mean log-density at the fixations, in nats
    has_density: jax.Array  # bool: KL and CC have a value
    has_fixations: jax.Array  # bool: NSS and log-likelihood have a value


class LossWeights(NamedTuple):
    """The weight of each term. The defaults are the release's: 10 KL - 2 CC - 1 NSS."""

    kl: float = 10.0
    cc: float = -2.0
    nss: float = -1.0
    log_likelihood: float = 0.0


class LossOptions(NamedTuple):
    """What the loss of an image is made of."""

    weights: LossWeights = LossWeights()
    # Of each timestep's loss; () where the last one's alone counts.
    timestep_weights: tuple[float, ...] = ()
    # Fixations that begin by then supervise a timestep; () where all do.
    viewing_times_ms: tuple[float, ...] = ()
    # Several fixations in one cell count once, as in the release.
    collapse_repeats: bool = False
    # The weight of the divergence from the teacher's map, where there is a teacher.
    distillation: float = 0.0


def terms(
    saliency: Maps,
    log_density: Maps,
    density: Maps,
    counts: Float[Array, "B h w"],
    mask: Bool[Array, "B h w"],
    collapse_repeats: bool = True,
) -> Terms:
    """Return every term of the loss, one value per image.

    Args:
        saliency: See the top of this file, as for the next four.
        log_density: Need not be normalised over the mask; that is done here.
        density: All 0 where unknown.
        counts: All 0 where unknown.
        mask: True on image content.
        collapse_repeats: Several fixations in one cell count once in NSS, as in the release.
    """
    inside = mask.astype(jnp.float32)
    density, counts = density * inside, counts * inside
    fixated = (counts > 0).astype(jnp.float32) if collapse_repeats else counts
    p = over_maximum(saliency * inside)
    log_density = normalized(log_density, mask)
    return Terms(
        kl=kl_divergence(p, density),
        cc=correlation(p, over_maximum(density), inside),
        nss=mean_at_fixations(standardized(p, inside), fixated),
        log_likelihood=mean_at_fixations(log_density, counts),
        has_density=density.max(axis=AXES) > 0,
        has_fixations=counts.max(axis=AXES) > 0,
    )


def terms_per_timestep(
    saliency: Float[Array, "B T h w"],
    log_density: Float[Array, "B T h w"],
    density: jax.Array,
    counts: jax.Array,
    mask: jax.Array,
    collapse_repeats: bool = True,
) -> Terms:
    """Return the terms of every timestep's map, each value [B, T].

    Args:
        saliency: The maps of all timesteps.
        log_density: Likewise.
        density: [B, h, w], the same for all timesteps, or [B, T, h, w], each timestep's own.
        counts: Likewise.
        mask: Likewise.
        collapse_repeats: See `terms`.
    """
    batch, timesteps, *grid = saliency.shape

    def as_one_batch(x: jax.Array) -> jax.Array:
        x = x[:, None] if x.ndim == 3 else x
        return jnp.broadcast_to(x, (batch, timesteps, *grid)).reshape(-1, *grid)

    values = terms(
        as_one_batch(saliency),
        as_one_batch(log_density),
        as_one_batch(density),
        as_one_batch(counts),
        as_one_batch(mask),
        collapse_repeats,
    )
    return jax.tree.map(lambda v: v.reshape(batch, timesteps), values)


def total(values: Terms, weights: LossWeights) -> jax.Array:
    """Return the weighted sum of the terms of each image, in the shape of the values.

    A term of weight 0 is left out, so that it costs nothing and its NaN could not spread.
    """
    pairs = (
        (weights.kl, values.kl),
        (weights.cc, values.cc),
        (weights.nss, values.nss),
        (weights.log_likelihood, values.log_likelihood),
    )
    loss = jnp.zeros_like(values.kl)
    for weight, value in pairs:
        if weight:
            loss = loss + weight * value
    return loss


def kl_divergence(p: Maps, y: Maps) -> PerImage:
    """Return the divergence of masked maps, in nats: prediction over its maximum, and density."""
    p = p / (total_of(p) + EPSILON)
    y = y / (total_of(y) + EPSILON)
    return (y * jnp.log(y / (p + EPSILON) + EPSILON)).sum(axis=AXES)


def divergence(log_density: Maps, target: Maps, mask: Bool[Array, "B h w"]) -> PerImage:
    """Return KL(target || prediction) of two maps within the mask, in nats.

    Args:
        log_density: The prediction. As the target, it need not be normalised over the mask.
        target: The log-density of another network.
        mask: True on image content.
    """
    target, log_density = normalized(target, mask), normalized(log_density, mask)
    return jnp.where(mask, jnp.exp(target) * (target - log_density), 0.0).sum(axis=AXES)


def correlation(p: Maps, y: Maps, mask: Maps) -> PerImage:
    """Return Pearson's correlation within the mask, for maps whose maximum is about 1."""
    product = standardized(p, mask) * standardized(y, mask)
    return (product.sum(axis=AXES)) / jnp.maximum(mask.sum(axis=AXES), 1.0)


def mean_at_fixations(values: Maps, counts: Maps) -> PerImage:
    """Return the mean of the values at the fixations; 0 where there are none."""
    return (values * counts).sum(axis=AXES) / jnp.maximum(counts.sum(axis=AXES), 1.0)

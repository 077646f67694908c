"""The `tuebingen` convention: pysaliency and today's MIT/Tuebingen benchmark.

Shapes: saliency [B, H, W] (any real values), fixations [B, H, W] (counts per pixel; every fixation
counts, repeats too), density [B, H, W] (>= 0, any sum), mask [B, H, W] bool (True: the pixel
counts). Every metric returns [B], float32 (float64 for float64 maps): the mean over the fixations
of an image, to be averaged over images.

Same answers for all metrics: nan or infinity in a prediction: nan; no fixations, or no pixel in the
mask: nan (left out of the mean). A constant map: NSS 0, CC 0, every AUC .5, and the uniform
distribution elsewhere. An all-zero map is a constant one. Negative values: the map is shifted to
a minimum of zero where a distribution is needed.
"""

import jax.numpy as jnp
from jax import Array

from samjax.metrics import masked, roc
from samjax.metrics.ranking import trapezoid_area

EPSILON = 2.0**-52
DENSITY_TOLERANCE = 1e-2  # how far from 1 a density's sum may be, from float32 and resizing


def nss(saliency: Array, fixations: Array, mask: Array) -> Array:
    """Normalised scanpath saliency: mean over fixations of (S - mean) / std, std with ddof 0."""
    centered = masked.centered_map(saliency, mask)
    variance = masked.mean(centered**2, mask)
    std = jnp.sqrt(jnp.where(variance > 0, variance, 1))
    return _over_fixations(centered, saliency, fixations, mask) / std


def sim(saliency: Array, density: Array, mask: Array) -> Array:
    """Similarity: sum of the pixelwise minimum of S and G, each of sum 1."""
    s, g = _distribution(saliency, mask), _distribution(density, mask)
    value = masked.total(jnp.minimum(s, g), mask)
    return masked.checked(value, saliency, density > 0, mask)


def kl(saliency: Array, density: Array, mask: Array) -> Array:
    """Kullback-Leibler divergence: sum of G log(eps + G / (S + eps)) in nats, S and G of sum 1.

    Zero under G: about 36 nats per unit of missed mass, by the eps.
    """
    s, g = _distribution(saliency, mask), _distribution(density, mask)
    value = masked.total(g * jnp.log(EPSILON + g / (s + EPSILON)), mask)
    return masked.checked(value, saliency, density > 0, mask)


def auc(saliency: Array, fixations: Array, mask: Array, limit: int | None = None) -> Array:
    """Rank area, negatives: all pixels, the fixated ones too; ties 1/2. limit: see `areas`."""
    value = roc.rank_auc(saliency, fixations, mask, mask, limit)
    return _checked(value, saliency, fixations, mask)


def auc_judd(saliency: Array, fixations: Array, mask: Array, limit: int | None = None) -> Array:
    """Area with the fixated values as thresholds, negatives: the pixels without fixations.

    Unlike AUC_Judd of `mit`, repeats count; no jitter, so a tie lies on the line between two
    thresholds. Every pixel fixated: nan.
    """
    negatives = ~(fixations > 0) & mask
    value = roc.rank_auc(saliency, fixations, negatives, mask, limit, trapezoid_area)
    return _checked(value, saliency, fixations, mask)


def sauc(
    saliency: Array, fixations: Array, others: Array, mask: Array, limit: int | None = None
) -> Array:
    """Shuffled AUC: rank area, negatives: the fixations of all other images; ties 1/2.

    others [B, H, W]: how many of them fall in each pixel, see `shuffled`. None: nan.
    """
    value = roc.rank_auc(saliency, fixations, others, mask, limit)
    return _checked(value, saliency, fixations, mask)


def ig(saliency: Array, fixations: Array, center_bias: Array, mask: Array) -> Array:
    """Information gain in bits per fixation: log2 p - log2 b, both of sum 1.

    A p (or b) below 2^-52 counts as 2^-52, so that a zero under a fixation has a finite price of at
    most 52 bits (pysaliency: minus infinity, and with it the mean over all images).
    """
    p, b = (jnp.maximum(_distribution(x, mask), EPSILON) for x in (saliency, center_bias))
    # One logarithm of the ratio keeps the digits that a difference of two would cancel.
    return _over_fixations(jnp.log2(p / b), saliency, fixations, mask)


def ll(saliency: Array, fixations: Array, mask: Array) -> Array:
    """Log-likelihood in bits per fixation: mean over fixations of log2 p, p per pixel.

    For densities only: a map with negative values, or a sum that is not 1 (within 1 %), is none and
    gets nan. The uniform density has -log2(pixels). p below 2^-52 counts as 2^-52.
    """
    mass = masked.total(saliency, mask)
    density = (jnp.abs(mass - 1) < DENSITY_TOLERANCE) & (masked.minimum(saliency, mask) >= 0)
    bits = jnp.log2(jnp.maximum(_distribution(saliency, mask), EPSILON))
    value = _over_fixations(bits, saliency, fixations, mask)
    return jnp.where(density, value, jnp.nan)


def _distribution(x: Array, mask: Array) -> Array:
    """x shifted to be >= 0, of sum 1; an all-zero map becomes uniform."""
    x = masked.shifted_map(x, mask)
    blank = masked.spread(masked.maximum(x, mask) <= 0)
    return masked.distribution_map(jnp.where(blank & mask, 1, x), mask)


def _over_fixations(x: Array, saliency: Array, fixations: Array, mask: Array) -> Array:
    """Mean of x over the fixations."""
    counts = jnp.where(mask, fixations, 0).astype(x.dtype)
    value = masked.total(x * counts, mask) / masked.total(counts, mask)
    return _checked(value, saliency, fixations, mask)


def _checked(value: Array, saliency: Array, fixations: Array, mask: Array) -> Array:
    return masked.checked(value, saliency, fixations > 0, mask)

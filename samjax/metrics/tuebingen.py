"""The `tuebingen` convention: pysaliency and today's MIT/Tuebingen benchmark.

Kümmerer, Wallis and Bethge, "Saliency Benchmarking Made Easy: Separating Models, Maps and
Metrics", ECCV 2018; the definitions are those of the Python library pysaliency (Kümmerer et al.),
which the benchmark runs.

Shapes: saliency [B, H, W] (any real values), counts [B, H, W] (fixations per pixel; every fixation
counts, repeats too), density [B, H, W] (>= 0, any sum), mask [B, H, W] bool (True: the pixel
counts). Every metric returns [B], float32 (float64 for float64 maps): the mean over the fixations
of an image, to be averaged over images.

All metrics answer alike in the cases without a natural answer. nan or infinity in a prediction:
nan. No fixations, or no pixel in the mask: nan (left out of the mean). A constant map: NSS 0, CC 0,
every AUC .5, and the uniform distribution elsewhere. An all-zero map is a constant one. Negative
values: the map is shifted to a minimum of zero where a distribution is needed.
"""

import jax.numpy as jnp

from samjax.metrics import masked, roc
from samjax.metrics.arrays import Counts, Maps, Mask, Values
from samjax.metrics.ranking import trapezoid_area

# Of float64, as in pysaliency (np.finfo(float).eps).
EPSILON = 2.0**-52
DENSITY_TOLERANCE = 1e-2  # how far from 1 a density's sum may be, from float32 and resizing


def nss(saliency: Maps, counts: Counts, mask: Mask) -> Values:
    """Return the normalised scanpath saliency [B].

    The mean over fixations of (S - mean) / std, with ddof 0: Peters, Iyer, Itti and Koch,
    "Components of bottom-up gaze allocation in natural images", Vision Research 45 (2005).
    """
    centered = masked.centered_map(saliency, mask)
    variance = masked.mean(centered**2, mask)
    # A constant map is centered to exact zeros, and 0 / 1 gives its NSS of 0.
    std = jnp.sqrt(jnp.where(variance > 0, variance, 1))
    return _mean_over_fixations(centered, saliency, counts, mask) / std


def sim(saliency: Maps, density: Maps, mask: Mask) -> Values:
    """Return the similarity [B]: the sum of the pixelwise minimum of two maps of sum 1.

    As `SIM` of pysaliency: unlike `mit`, the maps are not scaled to 0..1 first.
    """
    s, g = _distribution(saliency, mask), _distribution(density, mask)
    value = masked.total(jnp.minimum(s, g), mask)
    return masked.checked(value, saliency, density > 0, mask)


def kl(saliency: Maps, density: Maps, mask: Mask) -> Values:
    """Return the Kullback-Leibler divergence [B] in nats; lower is better.

    The sum of G log(eps + G / (S + eps)), prediction S and density G of sum 1, as `MIT_KLDiv` of
    pysaliency. A zero under G costs about 36 nats per unit of missed mass, by the eps.
    """
    s, g = _distribution(saliency, mask), _distribution(density, mask)
    value = masked.total(g * jnp.log(EPSILON + g / (s + EPSILON)), mask)
    return masked.checked(value, saliency, density > 0, mask)


def auc(saliency: Maps, counts: Counts, mask: Mask, limit: int | None = None) -> Values:
    """Return the rank area [B] with all pixels as negatives, the fixated ones too; ties count 1/2.

    As `general_rocs_per_positive` of pysaliency, averaged over the fixations. limit: see `roc`.
    """
    value = roc.rank_auc(saliency, counts, mask, mask, limit)
    return _checked(value, saliency, counts, mask)


def auc_judd(saliency: Maps, counts: Counts, mask: Mask, limit: int | None = None) -> Values:
    """Return the area [B] with the fixated values as thresholds, unfixated pixels as negatives.

    As `general_roc` of pysaliency with judd=1. Unlike AUC_Judd of `mit`, repeats count, and there
    is no jitter: a tie lies on the line between two thresholds. An image with every pixel fixated
    has nan. limit: see `roc`.
    """
    # A pixel is a negative once, however many fixations are positives.
    negatives = ~(counts > 0) & mask
    value = roc.rank_auc(saliency, counts, negatives, mask, limit, trapezoid_area)
    return _checked(value, saliency, counts, mask)


def sauc(
    saliency: Maps, counts: Counts, others: Counts, mask: Mask, limit: int | None = None
) -> Values:
    """Return the shuffled AUC [B]: rank area with the fixations of all other images as negatives.

    Tatler, Baddeley and Gilchrist, "Visual correlates of fixation selection: effects of scale and
    time", Vision Research 45 (2005); ties count 1/2.

    Args:
        saliency: The predictions [B, H, W].
        counts: Fixations per pixel [B, H, W].
        others: How many fixations of other images fall in each pixel [B, H, W], see `shuffled`;
            an image without any has nan.
        mask: bool [B, H, W], True where a pixel counts.
        limit: see `roc`.
    """
    value = roc.rank_auc(saliency, counts, others, mask, limit)
    return _checked(value, saliency, counts, mask)


def ig(saliency: Maps, counts: Counts, center_bias: Maps, mask: Mask) -> Values:
    """Return the information gain [B] over the center bias, in bits per fixation.

    The mean over fixations of log2 p - log2 b, both of sum 1: Kümmerer, Wallis and Bethge,
    "Information-theoretic model comparison unifies saliency metrics", PNAS 112 (2015).

    A p (or b) below 2^-52 counts as 2^-52, so that a zero under a fixation has a finite price of at
    most 52 bits (pysaliency: minus infinity, and with it the mean over all images).
    """
    p = jnp.maximum(_distribution(saliency, mask), EPSILON)
    b = jnp.maximum(_distribution(center_bias, mask), EPSILON)
    # One logarithm of the ratio keeps the digits that a difference of two would cancel.
    return _mean_over_fixations(jnp.log2(p / b), saliency, counts, mask)


def ll(saliency: Maps, counts: Counts, mask: Mask) -> Values:
    """Return the log-likelihood [B] in bits per fixation: the mean over fixations of log2 p.

    p is the probability of a pixel. Only densities have a likelihood: a map with negative values,
    or with a sum that is not 1 (within 1 %), gets nan. The uniform density has -log2(pixels). A p
    below 2^-52 counts as 2^-52. Kümmerer, Wallis and Bethge, PNAS 112 (2015), as for `ig`.
    """
    mass = masked.total(saliency, mask)
    is_density = (jnp.abs(mass - 1) < DENSITY_TOLERANCE) & (masked.minimum(saliency, mask) >= 0)
    bits = jnp.log2(jnp.maximum(_distribution(saliency, mask), EPSILON))
    value = _mean_over_fixations(bits, saliency, counts, mask)
    # A map that only happens to be positive would get a likelihood that means nothing.
    return jnp.where(is_density, value, jnp.nan)


def _distribution(x: Maps, mask: Mask) -> Maps:
    """Shift each map to be >= 0 and scale it to sum 1; an all-zero map becomes uniform."""
    x = masked.shifted_map(x, mask)
    blank = masked.spread(masked.maximum(x, mask) <= 0)
    return masked.distribution_map(jnp.where(blank & mask, 1, x), mask)


def _mean_over_fixations(x: Maps, saliency: Maps, counts: Counts, mask: Mask) -> Values:
    """Return the mean of x over the fixations of each image [B]; nan where it has no score."""
    weights = jnp.where(mask, counts, 0).astype(x.dtype)
    value = masked.total(x * weights, mask) / masked.total(weights, mask)
    return _checked(value, saliency, counts, mask)


def _checked(value: Values, saliency: Maps, counts: Counts, mask: Mask) -> Values:
    """Replace the values of images that have no score by nan."""
    return masked.checked(value, saliency, counts > 0, mask)

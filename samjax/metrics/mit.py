"""The `mit` convention: the MATLAB code of the MIT saliency benchmark.

Bylinskii, Judd, Oliva, Torralba and Durand, "What Do Different Evaluation Metrics Tell Us About
Saliency Models?", IEEE TPAMI 41 (2019), describes the metrics and their code.

Shapes: saliency [B, H, W] (any real values), counts [B, H, W] (fixations per pixel; the convention
collapses repeats, so only > 0 matters), density [B, H, W] (>= 0, any sum), mask [B, H, W] bool
(True: the pixel counts). Every metric returns [B], float32 (float64 for float64 maps).

All metrics answer alike where the MATLAB code has no answer or divides 0 by 0:
- nan or infinity in a prediction: nan. nan always means "left out of the mean".
- no fixations (an all-zero count map or density), or no pixel in the mask: nan.
- a constant prediction says nothing: NSS 0, CC 0, every AUC .5, SIM and IG as the uniform map.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from samjax.metrics import masked, roc
from samjax.metrics.arrays import Counts, Maps, Mask, Values
from samjax.metrics.ranking import PixelRanks, group_sizes, rank

EPSILON = 2.0**-52  # MATLAB's eps
BORJI_LEVELS = 10  # thresholds 0:0.1:1


def nss(saliency: Maps, counts: Counts, mask: Mask) -> Values:
    """Return the normalised scanpath saliency [B].

    The mean over fixated pixels of (S - mean) / std, with ddof 1: Peters, Iyer, Itti and Koch,
    "Components of bottom-up gaze allocation in natural images", Vision Research 45 (2005).
    Repeated fixations count once. A constant map, and a single pixel, have 0.
    """
    # The MATLAB code asks for the values at the ones of a binary map, so repeats count once.
    fixated = (counts > 0) & mask
    centered = masked.centered_map(saliency, mask)
    pixels = masked.size(mask, centered.dtype)
    variance = masked.total(centered**2, mask) / jnp.maximum(pixels - 1, 1)
    # A constant map is centered to exact zeros, and 0 / 1 gives its NSS of 0.
    std = jnp.sqrt(jnp.where(variance > 0, variance, 1))
    return masked.checked(masked.mean(centered, fixated) / std, saliency, fixated, mask)


def cc(saliency: Maps, density: Maps, mask: Mask) -> Values:
    """Return Pearson's correlation [B] of prediction and density.

    Le Meur, Le Callet and Barba, "Predicting visual fixations on video based on low-level visual
    features", Vision Research 47 (2007). A constant prediction has 0; a constant density has no
    correlation: nan.
    """
    s, g = masked.centered_map(saliency, mask), masked.centered_map(density, mask)
    # Two square roots, because the product of two small sums of squares could underflow.
    norm = jnp.sqrt(masked.total(s**2, mask)) * jnp.sqrt(masked.total(g**2, mask))
    value = masked.total(s * g, mask) / jnp.where(norm > 0, norm, 1)
    value = jnp.where(masked.is_constant(density, mask), jnp.nan, value)
    return masked.checked(value, saliency, density > 0, mask)


def sim(saliency: Maps, density: Maps, mask: Mask) -> Values:
    """Return the similarity [B]: the sum of the pixelwise minimum of prediction and density.

    Judd, Durand and Torralba, "A Benchmark of Computational Models of Saliency to Predict Human
    Fixations", MIT technical report (2012). Each map is scaled to 0..1, then to sum 1. The scaling
    to 0..1 moves the minimum to zero, so negative values need no care. A constant map becomes the
    uniform distribution; an all-zero prediction is no distribution and scores 0, as in MATLAB.
    """
    s = masked.distribution_map(masked.unit_range_map(saliency, mask), mask)
    g = masked.distribution_map(masked.unit_range_map(density, mask), mask)
    # Scaled to its range, an all-zero map would be a constant one, hence uniform.
    blank = ~jnp.any((saliency != 0) & mask, axis=(1, 2))
    value = jnp.where(blank, 0, masked.total(jnp.minimum(s, g), mask))
    return masked.checked(value, saliency, density > 0, mask)


def kl(saliency: Maps, density: Maps, mask: Mask) -> Values:
    """Return the Kullback-Leibler divergence [B] in nats; lower is better.

    The sum of G log(eps + G / (S + eps)), prediction S and density G of sum 1 (Bylinskii et al.
    2019). A zero under G costs about 36 nats per unit of missed mass, by the eps; so it does for an
    all-zero S, which stays zero. A map with negative values is first shifted to a minimum of zero.
    """
    s = masked.distribution_map(masked.shifted_map(saliency, mask), mask)
    g = masked.distribution_map(density, mask)
    value = masked.total(g * jnp.log(EPSILON + g / (s + EPSILON)), mask)
    return masked.checked(value, saliency, density > 0, mask)


def ig(saliency: Maps, counts: Counts, center_bias: Maps, mask: Mask) -> Values:
    """Return the information gain [B] over the center bias, in bits.

    The mean over fixated pixels of log2(eps + p) - log2(eps + b): Kümmerer, Wallis and Bethge,
    "Information-theoretic model comparison unifies saliency metrics", PNAS 112 (2015), as the MIT
    benchmark computes it. p and b are the prediction and the center bias, each scaled to 0..1,
    then to sum 1. A zero under a fixation costs up to 52 bits less the size of the image, by the
    eps. An all-zero prediction counts as the uniform map.
    """
    fixated = (counts > 0) & mask
    p = masked.distribution_map(masked.unit_range_map(saliency, mask), mask)
    b = masked.distribution_map(masked.unit_range_map(center_bias, mask), mask)
    # One logarithm of the ratio keeps the digits that a difference of two would cancel.
    gain = jnp.log2((EPSILON + p) / (EPSILON + b))
    return masked.checked(masked.mean(gain, fixated), saliency, fixated, mask)


def auc_borji(saliency: Maps, counts: Counts, mask: Mask) -> Values:
    """Return the area [B] with random pixels as negatives, thresholds 0:0.1:max of the map in 0..1.

    Borji, Tavakoli, Sihite and Itti, "Analysis of Scores, Datasets, and Models in Visual Saliency
    Prediction", ICCV 2013. This is the exact mean over all draws of the MATLAB code, of which its
    100 splits are an estimate.
    """
    fixated = (counts > 0) & mask
    value = roc.threshold_auc(saliency, fixated, mask, mask, BORJI_LEVELS)
    return masked.checked(value, saliency, fixated, mask)


def sauc(saliency: Maps, counts: Counts, others: Counts, mask: Mask) -> Values:
    """Return the shuffled AUC [B]: AUC_Borji with fixated pixels of other images as negatives.

    Zhang et al., "SUN: A Bayesian framework for saliency using natural statistics", Journal of
    Vision 8 (2008). This is the exact mean over all draws from the negatives.

    Args:
        saliency: The predictions [B, H, W].
        counts: Fixations per pixel [B, H, W].
        others: [B, H, W], > 0 where one of the (ten) other images was fixated. Repeats count once,
            and the image's own locations stay. An image without any has no score: nan.
        mask: bool [B, H, W], True where a pixel counts.
    """
    fixated = (counts > 0) & mask
    value = roc.threshold_auc(saliency, fixated, (others > 0) & mask, mask, BORJI_LEVELS)
    value = jnp.where(jnp.any((others > 0) & mask, axis=(1, 2)), value, jnp.nan)
    return masked.checked(value, saliency, fixated, mask)


def auc_judd(saliency: Maps, counts: Counts, mask: Mask, limit: int | None = None) -> Values:
    """Return the area [B] under the ROC curve with all pixels without fixations as negatives.

    Judd, Ehinger, Durand and Torralba, "Learning to Predict Where Humans Look", ICCV 2009. The
    thresholds are the n fixated values t_1 >= t_2 >= ...: tp_k = k / n and
    fp_k = (#{S >= t_k} - k) / (N - n), with the ends (0, 0) and (1, 1), the area by trapezoids.

    MATLAB adds noise U(0, 1) * 1e-7 to break ties. This is the exact mean over all orders of tied
    pixels, so it needs no seed, equals MATLAB's value on average, and equals it always where there
    are no ties. Unlike MATLAB's noise it leaves values that differ alone, however little they
    differ.

    Args:
        saliency: The predictions [B, H, W]; a constant one has .5.
        counts: Fixations per pixel [B, H, W]; an image with every pixel fixated has nan.
        mask: bool [B, H, W], True where a pixel counts.
        limit: At least the largest number of fixated pixels in an image (static); an image with
            more has nan. It sets the cost; without it every pixel could be fixated.
    """
    fixated = (counts > 0) & mask
    # Unlike MATLAB's maps these are not scaled to 0..1 first, which changes no rank.
    placed = roc.places(saliency, fixated, mask, limit)
    negatives = roc.flat_counts(~fixated, mask)
    value = jax.vmap(_judd_area)(placed, negatives)
    value = jnp.where(placed.num_fixated > placed.fixated.shape[1], jnp.nan, value)
    # value * 0 keeps the nan of an image without a score.
    value = jnp.where(masked.is_constant(saliency, mask), value * 0 + 0.5, value)
    return masked.checked(value, saliency, fixated, mask)


def _judd_area(places: PixelRanks, negatives: Int[Array, " N"]) -> Float[Array, ""]:
    """Return the expected area of one image from the ranks of its negatives.

    A negative with j of the n positives above it adds the height of the trapezoid at its place:
    (j + 1/2) / n, and 1 if j = n. Tied with a group of m positives, j is uniform over m + 1 places.
    """
    limit, dtype = places.fixated.shape[0], places.fixated.dtype
    ranks, size = rank(places, negatives), group_sizes(places)
    n = places.num_fixated.astype(dtype)
    above = n - jnp.arange(limit + 1, dtype=dtype)
    height = jnp.where(above >= n, 1, (above + 0.5) / n)
    # Tied: the m + 1 places have j = above[k] - m ... above[k]; only j = n is cut down to 1.
    tied = (above[:-1] - size / 2 + 0.5) / n
    lowest = jnp.arange(limit) == 0
    tied = tied - jnp.where(lowest, 0.5 / (n * (size + 1)), 0)
    total = jnp.sum(ranks.between) + jnp.sum(ranks.equal)
    is_fixated = jnp.arange(limit + 1) <= places.num_fixated
    area = jnp.sum(jnp.where(is_fixated, ranks.between * height, 0))
    area += jnp.sum(jnp.where(ranks.equal > 0, ranks.equal * tied, 0))
    return area / total.astype(dtype)

"""The `mit` convention: the MATLAB code of the MIT saliency benchmark.

Shapes: saliency [B, H, W] (any real values), fixations [B, H, W] (counts per pixel; the convention
collapses repeats, only > 0 matters), density [B, H, W] (>= 0, any sum), mask [B, H, W] bool (True:
the pixel counts). Every metric returns [B], float32 (float64 for float64 maps).

Same answers for all metrics, where the MATLAB code has none or divides 0 by 0:
- nan or infinity in a prediction: nan. nan always means "left out of the mean".
- no fixations (all-zero count map or density), or no pixel in the mask: nan.
- a constant prediction says nothing: NSS 0, CC 0, every AUC .5, SIM and IG as the uniform map.
"""

import jax
import jax.numpy as jnp
from jax import Array

from samjax.metrics import masked, roc
from samjax.metrics.ranking import PixelRanks, group_sizes, rank

EPSILON = 2.0**-52  # MATLAB's eps
BORJI_LEVELS = 10  # thresholds 0:0.1:1


def nss(saliency: Array, fixations: Array, mask: Array) -> Array:
    """Normalised scanpath saliency: mean over fixated pixels of (S - mean) / std, std with ddof 1.

    Repeated fixations count once. Constant map (and a single pixel): 0.
    """
    fixated = (fixations > 0) & mask
    centered = masked.centered_map(saliency, mask)
    pixels = masked.size(mask, centered.dtype)
    variance = masked.total(centered**2, mask) / jnp.maximum(pixels - 1, 1)
    std = jnp.sqrt(jnp.where(variance > 0, variance, 1))
    return masked.checked(masked.mean(centered, fixated) / std, saliency, fixated, mask)


def cc(saliency: Array, density: Array, mask: Array) -> Array:
    """Pearson's correlation of S and G. Constant S: 0; constant G: nan (it has no correlation)."""
    s, g = masked.centered_map(saliency, mask), masked.centered_map(density, mask)
    norm = jnp.sqrt(masked.total(s**2, mask)) * jnp.sqrt(masked.total(g**2, mask))
    value = masked.total(s * g, mask) / jnp.where(norm > 0, norm, 1)
    value = jnp.where(masked.is_constant(density, mask), jnp.nan, value)
    return masked.checked(value, saliency, density > 0, mask)


def sim(saliency: Array, density: Array, mask: Array) -> Array:
    """Similarity: sum of the pixelwise minimum of S and G, each scaled to 0..1, then to sum 1.

    The scaling to 0..1 moves the minimum to zero, so negative values need no care. A constant map
    becomes the uniform distribution; an all-zero S is no distribution and scores 0, as in MATLAB.
    """
    s = masked.distribution_map(masked.unit_range_map(saliency, mask), mask)
    g = masked.distribution_map(masked.unit_range_map(density, mask), mask)
    blank = ~jnp.any((saliency != 0) & mask, axis=(1, 2))
    value = jnp.where(blank, 0, masked.total(jnp.minimum(s, g), mask))
    return masked.checked(value, saliency, density > 0, mask)


def kl(saliency: Array, density: Array, mask: Array) -> Array:
    """Kullback-Leibler divergence: sum of G log(eps + G / (S + eps)) in nats, S and G of sum 1.

    Zero under G: about 36 nats per unit of missed mass, by the eps; so for an all-zero S, which
    stays zero. A map with negative values is first shifted to a minimum of zero.
    """
    s = masked.distribution_map(masked.shifted_map(saliency, mask), mask)
    g = masked.distribution_map(density, mask)
    value = masked.total(g * jnp.log(EPSILON + g / (s + EPSILON)), mask)
    return masked.checked(value, saliency, density > 0, mask)


def ig(saliency: Array, fixations: Array, center_bias: Array, mask: Array) -> Array:
    """Information gain in bits: mean over fixated pixels of log2(eps + p) - log2(eps + b).

    p, b: prediction and center bias, each scaled to 0..1, then to sum 1. Zero under a fixation
    costs up to 52 bits less the size of the image, by the eps; all-zero S: as the uniform map.
    """
    fixated = (fixations > 0) & mask
    p, b = (
        masked.distribution_map(masked.unit_range_map(x, mask), mask)
        for x in (saliency, center_bias)
    )
    gain = jnp.log2((EPSILON + p) / (EPSILON + b))  # keeps digits that a difference cancels
    return masked.checked(masked.mean(gain, fixated), saliency, fixated, mask)


def auc_borji(saliency: Array, fixations: Array, mask: Array) -> Array:
    """Area with random pixels as negatives, thresholds 0:0.1:max of the map scaled to 0..1.

    The exact mean over all draws of the MATLAB code, of which its 100 splits are an estimate.
    """
    fixated = (fixations > 0) & mask
    value = roc.threshold_auc(saliency, fixated, mask, mask, BORJI_LEVELS)
    return masked.checked(value, saliency, fixated, mask)


def sauc(saliency: Array, fixations: Array, others: Array, mask: Array) -> Array:
    """Shuffled AUC: as AUC_Borji, the negatives drawn among the fixated pixels of other images.

    others [B, H, W]: > 0 where one of the (ten) other images was fixated; repeats count once, own
    locations stay. The exact mean over all draws from them. None: nan.
    """
    fixated = (fixations > 0) & mask
    value = roc.threshold_auc(saliency, fixated, (others > 0) & mask, mask, BORJI_LEVELS)
    value = jnp.where(jnp.any((others > 0) & mask, axis=(1, 2)), value, jnp.nan)
    return masked.checked(value, saliency, fixated, mask)


def auc_judd(saliency: Array, fixations: Array, mask: Array, limit: int | None = None) -> Array:
    """Area under the ROC curve, positives: fixated pixels, negatives: all other pixels.

    The thresholds are the n fixated values t_1 >= t_2 >= ...: tp_k = k / n,
    fp_k = (#{S >= t_k} - k) / (N - n), ends (0, 0) and (1, 1), area by trapezoids. MATLAB adds
    noise U(0, 1) * 1e-7 to break ties; this is the exact mean over all orders of tied pixels, so it
    needs no seed, equals MATLAB's value on average, and equals it always where there are no ties.
    Unlike MATLAB's noise it leaves values that differ alone, however little they differ.

    limit: at least the largest number of fixated pixels in an image (static; more: nan). It sets
    the cost; without it every pixel could be fixated. Constant map: .5. Every pixel fixated: nan.
    """
    fixated = (fixations > 0) & mask
    placed = roc.places(saliency, fixated, mask, limit)
    negatives = roc.flat_counts(~fixated, mask)
    value = jax.vmap(_judd_area)(placed, negatives)
    value = jnp.where(placed.count > placed.fixated.shape[1], jnp.nan, value)
    value = jnp.where(masked.is_constant(saliency, mask), value * 0 + 0.5, value)
    return masked.checked(value, saliency, fixated, mask)


def _judd_area(places: PixelRanks, negatives: Array) -> Array:
    """The expected area from the ranks of the negatives.

    A negative with j of the n positives above it adds the height of the trapezoid at its place:
    (j + 1/2) / n, and 1 if j = n. Tied with a group of m positives, j is uniform over m + 1 places.
    """
    limit, dtype = places.fixated.shape[0], places.fixated.dtype
    ranks, size = rank(places, negatives), group_sizes(places)
    n = places.count.astype(dtype)
    above = n - jnp.arange(limit + 1, dtype=dtype)
    height = jnp.where(above >= n, 1, (above + 0.5) / n)
    # Tied: the m + 1 places have j = above[k] - m ... above[k]; only j = n is cut down to 1.
    tied = (above[:-1] - size / 2 + 0.5) / n
    lowest = jnp.arange(limit) == 0
    tied = tied - jnp.where(lowest, 0.5 / (n * (size + 1)), 0)
    total = jnp.sum(ranks.between) + jnp.sum(ranks.equal)
    real = jnp.arange(limit + 1) <= places.count
    area = jnp.sum(jnp.where(real, ranks.between * height, 0))
    area += jnp.sum(jnp.where(ranks.equal > 0, ranks.equal * tied, 0))
    return area / total.astype(dtype)

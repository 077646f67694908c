"""The `salicon` convention: the code of the SALICON challenge's server of 2015.

Shapes as in `tuebingen`: every fixation counts. NSS (ddof 0) is that of tuebingen, CC that of all
conventions. The two areas are the exact means over the server's random draws. nan or infinity in a
prediction, no fixations, no pixel: nan. A constant map: NSS 0, CC 0, areas .5 (the server: nan).
"""

from jax import Array

from samjax.metrics import masked, roc

LEVELS = 100  # thresholds 0, .01, .02 ...


def auc_borji(saliency: Array, fixations: Array, mask: Array) -> Array:
    """The server's "AUC": negatives are 100,000 random pixels, thresholds in steps of .01."""
    value = roc.threshold_auc(saliency, fixations, mask, mask, LEVELS)
    return masked.checked(value, saliency, fixations > 0, mask)


def sauc(saliency: Array, fixations: Array, others: Array, mask: Array) -> Array:
    """The server's "SAUC": negatives are the fixations of all images, own locations zeroed.

    others [B, H, W]: how many of them fall in each pixel, see `shuffled`. None: nan.
    """
    value = roc.threshold_auc(saliency, fixations, others, mask, LEVELS)
    return masked.checked(value, saliency, fixations > 0, mask)

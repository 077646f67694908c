"""The `salicon` convention: the code of the SALICON challenge's server of 2015.

Jiang, Huang, Duan and Zhao, "SALICON: Saliency in Context", CVPR 2015, and the evaluation code of
the challenge that goes with it. NSS (ddof 0) is that of `tuebingen`, CC that of all conventions.

Shapes are those of `tuebingen`, and every fixation counts. The two areas are the exact means over
the server's random draws. nan or infinity in a prediction, no fixations, or no pixel in the mask:
nan. A constant map: NSS 0, CC 0, areas .5 (the server says nan).
"""

from samjax.metrics import masked, roc
from samjax.metrics.arrays import Counts, Maps, Mask, Values

LEVELS = 100  # thresholds 0, .01, .02 ...


def auc_borji(saliency: Maps, counts: Counts, mask: Mask) -> Values:
    """Return the server's "AUC" [B]: random pixels as negatives, thresholds in steps of .01.

    The server draws 100,000 pixels. After Borji, Sihite and Itti, "Quantitative Analysis of
    Human-Model Agreement in Visual Saliency Modeling: A Comparative Study", IEEE Transactions on
    Image Processing 22 (2013).
    """
    # All pixels are negatives, the fixated ones too: the server draws from the whole image.
    value = roc.threshold_auc(saliency, counts, mask, mask, LEVELS)
    return masked.checked(value, saliency, counts > 0, mask)


def sauc(saliency: Maps, counts: Counts, others: Counts, mask: Mask) -> Values:
    """Return the server's "SAUC" [B]: the fixations of all images as negatives.

    The image's own locations are zeroed. others [B, H, W] says how many fixations fall in each
    pixel, see `shuffled`. An image without any has no score: nan.
    """
    value = roc.threshold_auc(saliency, counts, others, mask, LEVELS)
    return masked.checked(value, saliency, counts > 0, mask)

"""The release's loss in PyTorch: 10 KL - 2 CC - NSS, each per image, averaged over the batch.

The formulas are those of the release's code, with its places for epsilon. Maps are [B, h, w].
"""

import torch
from torch import Tensor

EPSILON = 1e-7
IMAGE_AXES = (1, 2)


def loss(saliency: Tensor, density: Tensor, counts: Tensor) -> Tensor:
    """Return the loss of a batch, a scalar.

    Args:
        saliency: The network's maps [B, h, w].
        density: The densities of the fixations [B, h, w], >= 0.
        counts: The fixations per cell [B, h, w]; each cell counts once.
    """
    saliency = saliency / saliency.amax(IMAGE_AXES, keepdim=True)
    terms = 10 * kl(saliency, density) - 2 * cc(saliency, density) - nss(saliency, counts)
    return terms.mean()


def kl(p: Tensor, y: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence [B] of the maps p from the densities y, in nats."""
    p = p / (p.sum(IMAGE_AXES, keepdim=True) + EPSILON)
    y = y / (y.sum(IMAGE_AXES, keepdim=True) + EPSILON)
    return (y * torch.log(y / (p + EPSILON) + EPSILON)).sum(IMAGE_AXES)


def cc(p: Tensor, y: Tensor) -> Tensor:
    """Return the correlation [B] of the maps p with the densities y."""
    p, y = (x / (x.sum(IMAGE_AXES, keepdim=True) + EPSILON) for x in (p, y))
    p, y = (x - x.mean(IMAGE_AXES, keepdim=True) for x in (p, y))
    return (p * y).sum(IMAGE_AXES) / ((p**2).sum(IMAGE_AXES) * (y**2).sum(IMAGE_AXES)).sqrt()


def nss(p: Tensor, counts: Tensor) -> Tensor:
    """Return the normalized scanpath saliency [B]: the mean z-score of p at fixated cells."""
    std, mean = torch.std_mean(p, IMAGE_AXES, correction=0, keepdim=True)
    fixated = (counts > 0).to(p.dtype)
    return ((p - mean) / (std + EPSILON) * fixated).sum(IMAGE_AXES) / fixated.sum(IMAGE_AXES)

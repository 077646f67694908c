"""The release's loss in PyTorch: 10 KL - 2 CC - NSS, each per image, averaged over the batch."""

import torch
from torch import Tensor

EPSILON = 1e-7
AXES = (1, 2)


def loss(saliency: Tensor, density: Tensor, fixations: Tensor) -> Tensor:
    """saliency, density >= 0 and fixations (counted once per cell), all [B, h, w] -> a scalar."""
    saliency = saliency / saliency.amax(AXES, keepdim=True)
    terms = 10 * kl(saliency, density) - 2 * cc(saliency, density) - nss(saliency, fixations)
    return terms.mean()


def kl(p: Tensor, y: Tensor) -> Tensor:
    p = p / (p.sum(AXES, keepdim=True) + EPSILON)
    y = y / (y.sum(AXES, keepdim=True) + EPSILON)
    return (y * torch.log(y / (p + EPSILON) + EPSILON)).sum(AXES)


def cc(p: Tensor, y: Tensor) -> Tensor:
    p, y = (x / (x.sum(AXES, keepdim=True) + EPSILON) for x in (p, y))
    p, y = (x - x.mean(AXES, keepdim=True) for x in (p, y))
    return (p * y).sum(AXES) / ((p**2).sum(AXES) * (y**2).sum(AXES)).sqrt()


def nss(p: Tensor, fixations: Tensor) -> Tensor:
    std, mean = torch.std_mean(p, AXES, correction=0, keepdim=True)
    fixated = (fixations > 0).to(p.dtype)
    return ((p - mean) / (std + EPSILON) * fixated).sum(AXES) / fixated.sum(AXES)

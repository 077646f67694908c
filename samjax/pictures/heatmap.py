"""Saliency maps as pictures: grey levels, heat maps, and heat over the photograph."""

import cv2
import numpy as np

OPACITY = 0.75


def unit(saliency: np.ndarray) -> np.ndarray:
    """Scales [H, W] to 0..1 by minimum and maximum; a constant map becomes 0."""
    low, high = float(saliency.min()), float(saliency.max())
    if high <= low:
        return np.zeros(saliency.shape, np.float32)
    return ((saliency.astype(np.float64) - low) / (high - low)).astype(np.float32)


def quantise(saliency: np.ndarray, dtype) -> np.ndarray:
    """[H, W] >= 0 to uint8 or uint16, the maximum at the top of the range, without exact zeros.

    A zero would be a claim of impossibility, which KL and IG punish without bound; one level is
    the least that can be said.
    """
    top = np.iinfo(dtype).max
    peak = float(saliency.max())
    scaled = saliency.astype(np.float64) * (top / peak if peak > 0 else 0)
    return np.clip(np.rint(scaled), 1, top).astype(dtype)


def heatmap(saliency: np.ndarray) -> np.ndarray:
    """RGB uint8 [H, W, 3] in the colours of Inferno (perceptually uniform, dark is low)."""
    grey = np.rint(unit(saliency) * 255).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)


def overlay(image: np.ndarray, saliency: np.ndarray, opacity: float = OPACITY) -> np.ndarray:
    """The image [H, W, 3] uint8 RGB with heat where it is salient; opaque up to `opacity`."""
    alpha = opacity * unit(saliency)[..., None]
    grey = np.rint(unit(saliency) * 255).astype(np.uint8)
    heat = cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    return np.rint(image * (1 - alpha) + heat * alpha).astype(np.uint8)

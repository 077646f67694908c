"""Saliency maps as pictures: grey levels, heat maps, and heat over the photograph."""

import cv2
import numpy as np
from numpy.typing import DTypeLike

OPACITY = 0.75
"""Of the heat over the photograph where saliency is greatest."""


def normalize(saliency: np.ndarray) -> np.ndarray:
    """Scale a map to 0..1 by its minimum and maximum; a constant map becomes 0.

    Args:
        saliency: [H, W].

    Returns:
        float32 [H, W].
    """
    low, high = float(saliency.min()), float(saliency.max())
    if high <= low:
        return np.zeros(saliency.shape, np.float32)
    return ((saliency.astype(np.float64) - low) / (high - low)).astype(np.float32)


def quantise(saliency: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """Round a map to integers, with its maximum at the top of their range and 1 as the least.

    There is no 0, because KL and IG punish without bound where a map says 0 and somebody looked:
    it would say that nobody can look there. One level is the least that can be said.

    Args:
        saliency: [H, W], not negative.
        dtype: uint8 or uint16.

    Returns:
        [H, W] of that type.
    """
    largest = np.iinfo(np.dtype(dtype)).max
    peak = float(saliency.max())
    levels = saliency.astype(np.float64) * (largest / peak if peak > 0 else 0)
    return np.clip(np.rint(levels), 1, largest).astype(dtype)


def heatmap(saliency: np.ndarray) -> np.ndarray:
    """Colour a map by Inferno, which is perceptually uniform and dark where a map is low.

    Args:
        saliency: [H, W].

    Returns:
        uint8 [H, W, 3] RGB.
    """
    return _colour(saliency, cv2.COLORMAP_INFERNO)


def overlay(image: np.ndarray, saliency: np.ndarray, opacity: float = OPACITY) -> np.ndarray:
    """Lay heat, coloured by Turbo, over a photograph where it is salient.

    Args:
        image: uint8 [H, W, 3] RGB.
        saliency: [H, W].
        opacity: Of the heat at the map's maximum; at its minimum the photograph shows unchanged.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    alpha = opacity * normalize(saliency)[..., None]
    heat = _colour(saliency, cv2.COLORMAP_TURBO)
    return np.rint(image * (1 - alpha) + heat * alpha).astype(np.uint8)


def _colour(saliency: np.ndarray, colours: int) -> np.ndarray:
    """Colour a map by one of OpenCV's colour maps: uint8 [H, W, 3] RGB."""
    grey = np.rint(normalize(saliency) * 255).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(grey, colours), cv2.COLOR_BGR2RGB)

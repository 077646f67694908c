"""Saliency maps as pictures: grey levels, heat maps, and heat over the photograph."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import DTypeLike

STRIP = 2**22
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
    unit = np.zeros(saliency.shape, np.float32)
    if high > low:
        for rows in _strips(saliency.shape):
            unit[rows] = (saliency[rows].astype(np.float64) - low) / (high - low)
    return unit


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
    factor = largest / peak if peak > 0 else 0
    levels = np.empty(saliency.shape, dtype)
    for rows in _strips(saliency.shape):
        scaled = saliency[rows].astype(np.float64) * factor
        levels[rows] = np.clip(np.rint(scaled), 1, largest)
    return levels


def heatmap(saliency: np.ndarray) -> np.ndarray:
    """Colour a map by Inferno, which is perceptually uniform and dark where a map is low.

    Args:
        saliency: [H, W].

    Returns:
        uint8 [H, W, 3] RGB.
    """
    unit = normalize(saliency)
    coloured = np.empty((*saliency.shape, 3), np.uint8)
    for rows in _strips(saliency.shape):
        coloured[rows] = _colour(unit[rows], cv2.COLORMAP_INFERNO)
    return coloured


def overlay(image: np.ndarray, saliency: np.ndarray, opacity: float = OPACITY) -> np.ndarray:
    """Lay heat, coloured by Turbo, over a photograph where it is salient.

    Args:
        image: uint8 [H, W, 3] RGB.
        saliency: [H, W].
        opacity: Of the heat at the map's maximum; at its minimum the photograph shows unchanged.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    unit = normalize(saliency)
    blended = np.empty(image.shape, np.uint8)
    for rows in _strips(saliency.shape):
        alpha = opacity * unit[rows][..., None]
        heat = _colour(unit[rows], cv2.COLORMAP_TURBO)
        blended[rows] = np.rint(image[rows] * (1 - alpha) + heat * alpha)
    return blended


def _colour(unit: np.ndarray, colours: int) -> np.ndarray:
    """Colour a map of 0 to 1 by one of OpenCV's colour maps: uint8 [H, W, 3] RGB."""
    grey = np.rint(unit * 255).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(grey, colours), cv2.COLOR_BGR2RGB)


def _strips(size: tuple[int, ...]) -> Iterator[slice]:
    """Yield slices of rows of at most STRIP pixels, because sums take many bytes per pixel."""
    step = max(STRIP // max(size[1], 1), 1)
    for start in range(0, size[0], step):
        yield slice(start, start + step)

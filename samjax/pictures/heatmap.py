"""Saliency maps as pictures: grey levels, heat maps, and heat over the photograph."""

from functools import cache
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import DTypeLike

from samjax.files.limits import strips

OPACITY = 0.75
"""Of the heat over the photograph where saliency is greatest."""


class Map(Protocol):
    """A saliency map [H, W]: an array, or what makes its rows when they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Height and width."""
        ...

    def __getitem__(self, rows: slice, /) -> Any:
        """Return a slice of rows, float [n, W]."""
        ...

    def min(self) -> Any:
        """Return the least value."""
        ...

    def max(self) -> Any:
        """Return the largest value."""
        ...


class _Unit:
    """A map scaled to 0..1 by its minimum and maximum; a constant map is 0."""

    def __init__(self, saliency: Map) -> None:
        """Find the range of a map [H, W]."""
        self._saliency = saliency
        self._low, high = float(saliency.min()), float(saliency.max())
        self._range = high - self._low

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return a slice of rows, float32."""
        values = self._saliency[rows]
        if not self._range > 0:
            return np.zeros(values.shape, np.float32)
        return ((values - self._low) / self._range).astype(np.float32, copy=False)


def normalize(saliency: Map) -> np.ndarray:
    """Scale a map to 0..1 by its minimum and maximum; a constant map becomes 0.

    Args:
        saliency: [H, W].

    Returns:
        float32 [H, W].
    """
    unit = _Unit(saliency)
    whole = np.empty(saliency.shape, np.float32)
    for rows in strips(saliency.shape):
        whole[rows] = unit[rows]
    return whole


def quantise(saliency: Map, dtype: DTypeLike) -> np.ndarray:
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
    levels = np.ones(saliency.shape, dtype)
    if not peak > 0:
        return levels
    for rows in strips(saliency.shape):
        levels[rows] = np.maximum(_rounded(saliency[rows] / peak, largest), 1)
    return levels


def heatmap(saliency: Map) -> np.ndarray:
    """Colour a map by Inferno, which is perceptually uniform and dark where a map is low.

    Args:
        saliency: [H, W].

    Returns:
        uint8 [H, W, 3] RGB.
    """
    unit = _Unit(saliency)
    coloured = np.empty((*saliency.shape, 3), np.uint8)
    for rows in strips(saliency.shape):
        coloured[rows] = _colour(unit[rows], cv2.COLORMAP_INFERNO)
    return coloured


def overlay(image: np.ndarray, saliency: Map, opacity: float = OPACITY) -> np.ndarray:
    """Lay heat, coloured by Turbo, over a photograph where it is salient.

    Args:
        image: uint8 [H, W, 3] RGB.
        saliency: [H, W].
        opacity: Of the heat at the map's maximum; at its minimum the photograph shows unchanged.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    unit = _Unit(saliency)
    blended = np.empty(image.shape, np.uint8)
    heat = _heat(opacity)
    for rows in strips(saliency.shape):
        part = unit[rows]
        # In whole numbers, which is several times as fast and at most two levels off.
        rest = cv2.convertScaleAbs(part, alpha=-255 * opacity, beta=255)
        shaded = cv2.multiply(image[rows], cv2.merge([rest, rest, rest]), scale=1 / 255)
        coloured = cv2.applyColorMap(cv2.convertScaleAbs(part, alpha=255), heat)
        cv2.add(shaded, coloured, dst=blended[rows])
    return blended


def _rounded(unit: np.ndarray, largest: int) -> np.ndarray:
    """Return values of 0 to 1 as integers of 0 to `largest`, 255 or 65535."""
    if largest == 255:  # OpenCV scales, rounds and converts in one pass
        return cv2.convertScaleAbs(unit, alpha=255)
    return np.rint(np.float64(largest) * unit)


def _colour(unit: np.ndarray, colours: int) -> np.ndarray:
    """Colour values of 0 to 1 [n, W] by one of OpenCV's colour maps: uint8 [n, W, 3] RGB."""
    return cv2.applyColorMap(cv2.convertScaleAbs(unit, alpha=255), _table(colours))


@cache
def _table(colours: int) -> np.ndarray:
    """Return the 256 colours of one of OpenCV's colour maps, uint8 [256, 1, 3] RGB."""
    grey = np.arange(256, dtype=np.uint8)[:, None]
    return cv2.cvtColor(cv2.applyColorMap(grey, colours), cv2.COLOR_BGR2RGB)


@cache
def _heat(opacity: float) -> np.ndarray:
    """Return what each level adds to a photograph, uint8 [256, 1, 3] RGB."""
    alpha = opacity * np.arange(256)[:, None, None] / 255
    return np.rint(alpha * _table(cv2.COLORMAP_TURBO)).astype(np.uint8)

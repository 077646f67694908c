"""Small pictures side by side, for TensorBoard."""

from collections.abc import Sequence

import cv2
import numpy as np

from samjax.pictures.heatmap import heatmap

HEIGHT = 120
"""Of a panel, in pixels."""


def panel(image: np.ndarray | None, maps: Sequence[np.ndarray], height: int = HEIGHT) -> np.ndarray:
    """Draw an image and its maps in a row, each at its own aspect.

    Args:
        image: uint8 [H, W, 3] RGB, or None for the maps alone.
        maps: Each [h, w], drawn as a heat map.
        height: Of the row, in pixels.

    Returns:
        uint8 [height, W', 3] RGB.
    """
    tiles = [] if image is None else [image]
    tiles += [heatmap(saliency) for saliency in maps]
    return np.concatenate([_scale(tile, height) for tile in tiles], axis=1)


def _scale(tile: np.ndarray, height: int) -> np.ndarray:
    """Resize [H, W, 3] to a height at its own aspect."""
    width = max(1, round(tile.shape[1] * height / tile.shape[0]))
    # By area, because most tiles shrink.
    return cv2.resize(tile, (width, height), interpolation=cv2.INTER_AREA)

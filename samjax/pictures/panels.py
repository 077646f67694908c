"""Small pictures side by side, for TensorBoard."""

import cv2
import numpy as np

from samjax.pictures.heatmap import heatmap

HEIGHT = 120


def panel(image: np.ndarray | None, maps: list[np.ndarray], height: int = HEIGHT) -> np.ndarray:
    """The image [H, W, 3] uint8, if any, then each map [h, w] as heat: RGB [height, W', 3]."""
    tiles = [] if image is None else [image]
    tiles += [heatmap(m) for m in maps]
    return np.concatenate([_scaled(tile, height) for tile in tiles], axis=1)


def _scaled(tile: np.ndarray, height: int) -> np.ndarray:
    width = max(1, round(tile.shape[1] * height / tile.shape[0]))
    return cv2.resize(tile, (width, height), interpolation=cv2.INTER_AREA)

"""Marks on images, and where they are found again."""

import numpy as np


def blob(height: int, width: int, x: float, y: float, sigma: float) -> np.ndarray:
    rows, columns = np.arange(height)[:, None], np.arange(width)
    return np.exp(-0.5 * (((columns - x) / sigma) ** 2 + ((rows - y) / sigma) ** 2))


def centroid(image: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(image.shape)
    return np.array([(image * columns).sum(), (image * rows).sum()]) / image.sum()

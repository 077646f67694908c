"""Earth mover's distance of the MIT benchmark: exact, on the host, slow."""

import cv2
import numpy as np

SHRINK = 32


def emd(saliency: np.ndarray, density: np.ndarray) -> float:
    """Least work, in cells of 32 pixels, that turns one map [H, W] into the other.

    Both maps are shrunk to 1/32 by averaging over areas, scaled to sum 1; the ground distance is
    the Euclidean one. Values below zero are shifted up. nan: a map is not finite or the density has
    no mass. An all-zero prediction counts as uniform. Maps below 32 pixels have one cell: 0.
    """
    if not (np.isfinite(saliency).all() and np.isfinite(density).all() and np.any(density > 0)):
        return float("nan")
    return grid_emd(_shrunk(saliency), _shrunk(density))


def grid_emd(p: np.ndarray, q: np.ndarray) -> float:
    """Earth mover's distance of two grids [h, w] >= 0, each scaled to sum 1, in cells."""
    signatures = [_signature(p), _signature(q)]
    return float(cv2.EMD(*signatures, cv2.DIST_L2)[0])


def _shrunk(image: np.ndarray) -> np.ndarray:
    """[ceil(H / 32), ceil(W / 32)], not negative."""
    height, width = image.shape
    size = -(-width // SHRINK), -(-height // SHRINK)
    small = cv2.resize(np.asarray(image, np.float64), size, interpolation=cv2.INTER_AREA)
    small = small - min(small.min(), 0)
    return small if small.any() else np.ones_like(small)


def _signature(grid: np.ndarray) -> np.ndarray:
    """[cells with mass, 3]: mass, y, x."""
    y, x = np.nonzero(grid)
    mass = grid[y, x] / grid.sum(dtype=np.float64)
    return np.stack([mass, y, x], axis=1).astype(np.float32)

"""Earth mover's distance of the MIT benchmark: exact, on the host, slow.

Rubner, Tomasi and Guibas, "The Earth Mover's Distance as a Metric for Image Retrieval",
International Journal of Computer Vision 40 (2000). The MIT benchmark computes it on maps shrunk to
1/32; see Bylinskii et al., "What Do Different Evaluation Metrics Tell Us About Saliency Models?",
IEEE TPAMI 41 (2019).
"""

import cv2
import numpy as np
from jaxtyping import Float

SHRINK = 32  # how many pixels a cell of the coarse grid has along each axis


def emd(saliency: Float[np.ndarray, "H W"], density: Float[np.ndarray, "H W"]) -> float:
    """Return the least work that turns one map into the other, in cells of 32 pixels.

    Both maps are shrunk to 1/32 by averaging over areas and scaled to sum 1. The ground distance
    is the Euclidean one. Negative values are shifted up. An all-zero prediction counts as uniform.
    Maps below 32 pixels have one cell, and a distance of 0.

    Args:
        saliency: The prediction [H, W].
        density: The empirical density [H, W], any sum.

    Returns:
        The distance; nan where a map is not finite or the density has no mass.
    """
    if not (np.isfinite(saliency).all() and np.isfinite(density).all() and np.any(density > 0)):
        return float("nan")
    return grid_emd(_shrink(saliency), _shrink(density))


def grid_emd(first: Float[np.ndarray, "h w"], second: Float[np.ndarray, "h w"]) -> float:
    """Return the earth mover's distance of two grids >= 0, each scaled to sum 1, in cells."""
    # OpenCV solves the transport exactly; both masses are 1, so nothing is left over.
    distance, *_ = cv2.EMD(_signature(first), _signature(second), cv2.DIST_L2)
    return float(distance)


def _shrink(image: Float[np.ndarray, "H W"]) -> Float[np.ndarray, "h w"]:
    """Return the map as non-negative cells, [ceil(H / 32), ceil(W / 32)]."""
    height, width = image.shape
    columns, rows = -(-width // SHRINK), -(-height // SHRINK)
    small = cv2.resize(np.asarray(image, np.float64), (columns, rows), interpolation=cv2.INTER_AREA)
    small = small - min(small.min(), 0)
    # Without any mass there is nothing to move: an all-zero prediction becomes uniform.
    return small if small.any() else np.ones_like(small)


def _signature(grid: Float[np.ndarray, "h w"]) -> Float[np.ndarray, "N 3"]:
    """Return the mass, y and x of every cell with mass: OpenCV's "signature", float32 [N, 3]."""
    # Cells without mass take no part, and the solver's time grows fast with their number.
    y, x = np.nonzero(grid)
    mass = grid[y, x] / grid.sum(dtype=np.float64)
    return np.stack([mass, y, x], axis=1).astype(np.float32)

"""A density on other pixels of the same picture, by area, so that nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy import sparse


def overlap_matrix(source: int, target: int) -> sparse.csr_matrix:
    """Return how much of each of `source` pixels lies in each of `target` pixels, along one axis.

    Both divide the same length. Each column of the matrix [target, source] sums to 1.
    """
    # Imported only here: most areas need no other pixels, and it takes longer than a prediction.
    from scipy import sparse

    ours, theirs = np.arange(source + 1) * target, np.arange(target + 1) * source
    edges = np.unique(np.concatenate([ours, theirs]))
    # In units of 1 / (source * target) of the length, so that whole numbers are compared.
    begins, lengths = edges[:-1], np.diff(edges)
    entries = (lengths / target, (begins // source, begins // target))
    return sparse.coo_matrix(entries, shape=(target, source)).tocsr()


def resample(density: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a density [H, W] on other pixels of the same picture, float64 [height, width].

    What a pixel holds is divided by area over the new pixels that it lies in, so the sum stays.
    """
    if density.shape == (height, width):
        return density.astype(np.float64)
    down = overlap_matrix(density.shape[0], height)
    across = overlap_matrix(density.shape[1], width)
    return np.asarray((across @ (down @ density.astype(np.float64)).T).T)

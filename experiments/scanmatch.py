"""How alike two sequences of fixations are: ScanMatch, without durations.

Cristino, Mathôt, Theeuwes and Gilchrist, "ScanMatch: a novel method for comparing fixation
sequences", Behavior Research Methods 42 (2010): the picture is divided into 12 x 8 cells, two
sequences of cells are aligned by the algorithm of Needleman and Wunsch, and the sum of the aligned
pairs' similarities is divided by that of the longer sequence with itself. The similarity of two
cells falls linearly with their distance, from 1 to 0 at 3.5 cells and below 0 beyond; gaps cost
nothing. These are the published program's own settings.
"""

import numpy as np

COLUMNS, ROWS = 12, 8
REACH = 3.5  # cells


def cells_of(points: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the cells (column, row) [..., N, 2] of points (x, y) in pixels."""
    grid = np.floor((points + 0.5) * (COLUMNS / width, ROWS / height))
    return np.clip(grid, 0, (COLUMNS - 1, ROWS - 1))


def similarities(ours: list[np.ndarray], theirs: list[np.ndarray]) -> np.ndarray:
    """Return how alike each of P pairs of sequences is, [P], at most 1.

    Args:
        ours: P sequences of cells, [N, 2] each.
        theirs: P sequences likewise.
    """
    a, b = _padded(ours), _padded(theirs)
    distance = np.linalg.norm(a[:, :, None] - b[:, None], axis=-1)
    # Behind the end of a sequence there is nan, and nothing to gain.
    gain = np.nan_to_num(1 - distance / REACH, nan=-np.inf)
    best = np.zeros((len(ours), a.shape[1] + 1, b.shape[1] + 1))
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            both = best[:, i, j] + gain[:, i, j]
            one = np.maximum(best[:, i, j + 1], best[:, i + 1, j])
            best[:, i + 1, j + 1] = np.maximum(both, one)
    longer = np.maximum([len(s) for s in ours], [len(s) for s in theirs])
    return best[:, -1, -1] / longer


def _padded(sequences: list[np.ndarray]) -> np.ndarray:
    """Return sequences of different lengths as one array [P, N, 2], with nan behind their ends."""
    padded = np.full((len(sequences), max(map(len, sequences)), 2), np.nan)
    for row, sequence in zip(padded, sequences, strict=True):
        row[: len(sequence)] = sequence
    return padded

"""ScanMatch: sequences aligned as by the textbook's recursion."""

import numpy as np
import pytest

from experiments.scanmatch import REACH, cells_of, similarities


def by_recursion(a, b):
    """The best sum over alignments of two sequences, gaps free."""
    if not len(a) or not len(b):
        return 0.0
    gain = 1 - np.linalg.norm(a[0] - b[0]) / REACH
    return max(gain + by_recursion(a[1:], b[1:]), by_recursion(a[1:], b), by_recursion(a, b[1:]))


def test_pairs_of_all_lengths_are_aligned_best(rng):
    ours = [rng.integers(0, 8, (n, 2)).astype(float) for n in (1, 4, 5, 3)]
    theirs = [rng.integers(0, 8, (n, 2)).astype(float) for n in (3, 2, 5, 1)]
    for a, b, found in zip(ours, theirs, similarities(ours, theirs), strict=True):
        assert found == pytest.approx(by_recursion(a, b) / max(len(a), len(b)))


def test_a_sequence_is_wholly_like_itself_and_the_order_counts():
    sequence = np.array([[0.0, 0.0], [11.0, 7.0], [5.0, 0.0]])
    assert similarities([sequence], [sequence])[0] == 1
    assert similarities([sequence], [sequence[::-1]])[0] < 0.5
    assert similarities([sequence], [sequence[:2]])[0] == pytest.approx(2 / 3)


def test_cells_cover_the_picture():
    corners = np.array([[-0.5, -0.5], [799.4, 599.4], [900.0, 300.0]])
    np.testing.assert_array_equal(cells_of(corners, 600, 800), [[0, 0], [11, 7], [11, 4]])

"""The best window is the one that trying all windows finds."""

import numpy as np
import pytest

from samjax.analysis.windows import TIE, Attention, Window
from samjax.errors import UserError


def by_trying_all(density, height, width):
    """{(y, x): share} of every window of a size, each summed pixel by pixel."""
    rows, columns = density.shape
    return {
        (y, x): density[y : y + height, x : x + width].sum() / density.sum()
        for y in range(rows - height + 1)
        for x in range(columns - width + 1)
    }


def test_every_window_keeps_what_its_pixels_sum_to(rng):
    for _ in range(30):
        rows, columns = rng.integers(1, 12, 2)
        density = rng.random((rows, columns)) ** 4
        height, width = rng.integers(1, rows + 1), rng.integers(1, columns + 1)
        attention = Attention(density)
        shares = attention.shares(height, width)
        expected = by_trying_all(density, height, width)
        assert shares.size == len(expected)
        for (y, x), share in expected.items():
            assert shares[y, x] == pytest.approx(share, abs=1e-12)
            assert attention.share(Window(x, y, width, height)) == shares[y, x]
        window, best = attention.best(height, width)
        assert best == pytest.approx(max(expected.values()), abs=1e-12)
        assert expected[window.y, window.x] == pytest.approx(best, abs=1e-12)


def test_a_mirrored_map_has_mirrored_windows(rng):
    density = rng.random((13, 17))
    x, y, width, height = Attention(density).best(6, 5)[0]
    assert Attention(density[:, ::-1]).best(6, 5)[0] == Window(17 - x - width, y, width, height)
    assert Attention(density.T).best(5, 6)[0] == Window(y, x, height, width)


@pytest.mark.parametrize("density", [np.ones((40, 61)), np.zeros((40, 61)), np.full((40, 61), 0.1)])
def test_a_flat_map_is_cut_in_the_middle(density):
    # 0.1 has no exact sums, and rounding must not decide.
    window, share = Attention(density.astype(np.float32)).best(20, 21)
    assert window == Window(20, 10, 21, 20)
    assert share == pytest.approx(20 * 21 / density.size)


def test_of_equal_windows_the_one_nearest_to_the_centre_is_taken():
    density = np.zeros((9, 30))
    density[4, 12] = 1
    assert Attention(density).best(5, 11)[0] == Window(9, 2, 11, 5)  # (30 - 11) / 2 = 9.5
    assert Attention(density).best(5, 3)[0] == Window(12, 2, 3, 5)


def test_shares_of_a_partition_sum_to_one(rng):
    attention = Attention(rng.random((31, 47)).astype(np.float32))
    parts = [Window(0, 0, 20, 31), Window(20, 0, 27, 9), Window(20, 9, 27, 22)]
    assert sum(map(attention.share, parts)) == pytest.approx(1, abs=1e-12)
    assert attention.share(Window(0, 0, 47, 31)) == 1


def test_what_is_no_density_is_refused():
    bad = [np.ones(3), np.ones((0, 4)), np.array([[1, -1e-3]]), np.array([[1, np.nan]])]
    for density in bad:
        with pytest.raises(UserError, match="density"):
            Attention(density)
    assert TIE < 1e-6

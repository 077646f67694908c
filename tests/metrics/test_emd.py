"""Earth mover's distance, exact on small grids."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance_nd

from samjax.errors import UserError
from samjax.metrics import compute
from samjax.metrics.emd import emd, grid_emd


@pytest.mark.parametrize("size", [(3, 4), (5, 5)])
def test_earth_mover_equals_scipy(rng, size):
    p, q = rng.random((2, *size)) ** 4
    p[0] = 0
    points = np.argwhere(np.ones(size))
    expected = wasserstein_distance_nd(points, points, p.ravel(), q.ravel())
    assert grid_emd(p, q) == pytest.approx(expected, rel=1e-5)


def test_earth_mover_counts_cells_of_32_pixels():
    one, other = np.zeros((2, 64, 128))
    one[:32, :32], other[:32, 96:] = 1, 5
    assert emd(one, other) == pytest.approx(3)
    assert emd(one, one) == pytest.approx(0, abs=1e-6)
    assert np.isnan(emd(one, np.zeros_like(one)))


def test_masked_batch_equals_single_images(rng):
    s, g = rng.random((2, 2, 70, 90)).astype(np.float32)
    mask = np.zeros(s.shape, bool)
    mask[:, 3:67, 10:80] = True
    got = compute("mit", s, g, g, mask, names=["EMD"])["EMD"]
    expected = [emd(a[3:67, 10:80], b[3:67, 10:80]) for a, b in zip(s, g, strict=True)]
    np.testing.assert_allclose(got, expected)
    mask[0, 5, 20] = False
    with pytest.raises(UserError, match="rectangle"):
        compute("mit", s, g, g, mask, names=["EMD"])

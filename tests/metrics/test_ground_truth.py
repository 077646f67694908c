"""Count maps and densities from fixations."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.metrics.ground_truth import count_map, density_map, gaussian_blur, sigma_of


def test_integers_are_pixel_centres():
    counts = count_map([[0, 0], [0.49, 0.49], [0.5, 0], [3, 2], [2.5, 1.5]], 3, 4)
    expected = np.zeros((3, 4))
    expected[0, 0], expected[0, 1], expected[2, 3] = 2, 1, 2
    np.testing.assert_array_equal(counts, expected)


def test_points_outside_are_clamped():
    counts = count_map([[-5, 1], [9, 1], [1, 9.7]], 3, 4)
    assert counts[1, 0] == counts[1, 3] == counts[2, 1] == 1
    assert counts.sum() == 3


def test_no_fixations_is_a_blank_map():
    assert not count_map(np.zeros((0, 2)), 3, 4).any()


@pytest.mark.parametrize(
    ("size", "sigma"), [((60, 80), 24.0), ((60, 80), 3.37), ((7, 5), 24), ((1, 1), 5), ((1, 90), 8)]
)
def test_density_equals_scipy(rng, size, sigma):
    counts = count_map(rng.random((40, 2)) * size[::-1], *size)
    expected = gaussian_filter((counts > 0).astype(np.float64), sigma, mode="reflect", truncate=4)
    np.testing.assert_allclose(density_map(counts, sigma), expected, atol=1e-6 * expected.max())


def test_blur_may_differ_along_the_axes(rng):
    image = rng.random((40, 50))
    expected = gaussian_filter(image, (2.5, 6), mode="reflect", truncate=4)
    np.testing.assert_allclose(gaussian_blur(image, (2.5, 6)), expected, rtol=1e-12)


def test_repeats_count_once_under_mit():
    once, often = count_map([[3, 4]], 9, 9), count_map([[3, 4]] * 5, 9, 9)
    np.testing.assert_array_equal(density_map(once, 2), density_map(often, 2))


def test_sigma_must_be_positive():
    with pytest.raises(UserError, match="positive"):
        density_map(np.ones((3, 3), np.float32), float("nan"))


def test_tuebingen_blurs_counts(rng):
    counts = count_map(rng.random((200, 2)) * (80, 60), 60, 80)
    counts[3, 4] = 7
    expected = gaussian_filter(np.float64(counts), 5.5, mode="reflect", truncate=4)
    got = density_map(counts, 5.5, "tuebingen")
    np.testing.assert_allclose(got, expected, atol=1e-6 * expected.max())


@pytest.mark.parametrize(("size", "sigma"), [((480, 640), 19), ((240, 320), 9.5)])
def test_salicon_blurs_the_binary_map_by_its_own_sigma(rng, size, sigma):
    counts = count_map(rng.random((200, 2)) * size[::-1], *size)
    expected = gaussian_filter((counts > 0).astype(float), sigma, mode="reflect", truncate=4)
    np.testing.assert_allclose(
        density_map(counts, 3, "salicon"), expected, atol=1e-6 * expected.max()
    )
    assert sigma_of("salicon", 3, size) == sigma


def test_unknown_convention_is_named():
    with pytest.raises(UserError, match="tuebingen"):
        density_map(np.ones((3, 3), np.float32), 2, "mitt")

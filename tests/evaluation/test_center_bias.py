"""The fitted center bias: its likelihood is that of leaving one image out."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.evaluation import center_bias
from samjax.evaluation.center_bias import (
    BANDWIDTHS,
    CELLS,
    UNIFORM_FRACTIONS,
    fit_center_bias,
)


def image(rng, n, height=60, width=80, spread=0.15):
    points = np.clip(rng.normal(0.5, spread, (n, 2)), 0, 0.999) * (width, height) - 0.5
    return SimpleNamespace(points=points, height=height, width=width)


@pytest.fixture
def images(rng):
    return [image(rng, n) for n in (30, 5, 60, 1, 20)]


def test_gain_is_that_of_fitting_without_each_image(images, monkeypatch):
    bandwidth, fraction = BANDWIDTHS[8], UNIFORM_FRACTIONS[3]
    monkeypatch.setattr(center_bias, "BANDWIDTHS", (bandwidth,))
    monkeypatch.setattr(center_bias, "UNIFORM_FRACTIONS", (fraction,))
    fit = fit_center_bias(images)
    grid = fit.density.shape
    logs = []
    for left_out in images:
        counts = np.zeros(grid)
        for other in images:
            if other is not left_out:
                np.add.at(counts, cells(other, grid), 1)
        density = gaussian_filter(counts / counts.sum(), bandwidth * CELLS, mode="reflect")
        logs += list(
            np.log2((1 - fraction) * density[cells(left_out, grid)] * counts.size + fraction)
        )
    assert fit.gain == pytest.approx(np.mean(logs), rel=1e-9)


def cells(example, grid):
    x, y = ((example.points + 0.5) / (example.width, example.height) * grid[::-1]).T
    return y.astype(int), x.astype(int)


def test_best_bandwidth_and_fraction_are_chosen(images, monkeypatch):
    best = fit_center_bias(images)
    for bandwidth in BANDWIDTHS:
        monkeypatch.setattr(center_bias, "BANDWIDTHS", (bandwidth,))
        assert fit_center_bias(images).gain <= best.gain


def test_more_fixations_allow_a_finer_density(rng):
    few = fit_center_bias([image(rng, 5) for _ in range(3)])
    many = fit_center_bias([image(rng, 200) for _ in range(30)])
    assert many.bandwidth < few.bandwidth
    assert many.uniform_fraction <= few.uniform_fraction


def test_draws_sum_to_one_without_zeros(images):
    fit = fit_center_bias(images)
    for size in ((33, 77), (200, 100)):
        drawn = fit.draw(*size)
        assert drawn.shape == size
        assert drawn.sum(dtype=np.float64) == pytest.approx(1, abs=1e-5)
        assert drawn.min() > 0


def test_sizes_are_joined_in_relative_coordinates(images):
    large = [
        SimpleNamespace(points=(e.points + 0.5) * 2 - 0.5, height=120, width=160) for e in images
    ]
    one, other = fit_center_bias(images), fit_center_bias(large)
    np.testing.assert_allclose(one.density, other.density, rtol=1e-9)


def test_one_image_is_not_enough(images):
    with pytest.raises(UserError, match="two images"):
        fit_center_bias(images[:1])

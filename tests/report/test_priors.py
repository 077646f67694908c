"""Learned priors beside those that training began with, and the ellipses that show them."""

import math

import numpy as np
import pytest

from samjax.report import priors
from samjax.report.priors import PriorChange


def test_a_contour_is_where_the_gaussian_has_its_level():
    for level in priors.LEVELS:
        radius, _ = priors.ellipse_radii((0.5, 0.5, 0.2, 0.3), level)
        assert math.exp(-(radius**2) / (2 * 0.2**2)) == pytest.approx(level)


def test_a_mean_has_moved_by_its_distance():
    assert PriorChange((0.5, 0.8, 1, 1), (0.2, 0.4, 1, 1)).moved == pytest.approx(0.5)
    assert PriorChange((0.5, 0.8, 1, 1), None).moved == 0


def test_each_gaussian_stands_beside_the_one_it_was():
    learned = np.arange(8.0).reshape(4, 2)
    assert priors.collect([learned], [learned + 1]) == [
        [PriorChange((0, 2, 4, 6), (1, 3, 5, 7)), PriorChange((1, 3, 5, 7), (2, 4, 6, 8))]
    ]
    assert priors.collect([], None) == []


def test_a_start_that_is_not_known_has_no_initial_priors():
    blocks = priors.collect([np.full((4, 3), 0.5)], None)
    assert blocks == [[PriorChange((0.5,) * 4, None)] * 3]

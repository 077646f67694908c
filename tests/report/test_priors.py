"""Learned priors beside those that training began with, and the ellipses that show them."""

import math

import numpy as np
import pytest
from tiny_training import tiny_config

from samjax.report import priors
from samjax.report.priors import PriorChange


def test_a_contour_is_where_the_gaussian_has_its_level():
    for level in priors.LEVELS:
        radius, _ = priors.ellipse_radii((0.5, 0.5, 0.2, 0.3), level)
        assert math.exp(-(radius**2) / (2 * 0.2**2)) == pytest.approx(level)


def test_a_mean_has_moved_by_its_distance():
    assert PriorChange((0.5, 0.8, 1, 1), (0.2, 0.4, 1, 1)).moved == pytest.approx(0.5)
    assert PriorChange((0.5, 0.8, 1, 1), None).moved == 0


def test_a_network_without_priors_has_none(tmp_path):
    assert priors.collect([], tiny_config(tmp_path)) == []


def test_a_start_from_a_trained_network_has_no_initial_priors(tmp_path):
    config = tiny_config(tmp_path, start_from="somewhere")
    blocks = priors.collect([np.full((4, 3), 0.5)], config)
    assert blocks == [[PriorChange((0.5,) * 4, None)] * 3]

"""The windows of other croppers have the size that is asked for, and show what they should."""

import numpy as np
import pytest

from experiments.croppers import (
    Picture,
    around,
    at_focal_point,
    center,
    kept,
    size_of,
    smartcrop,
)
from samjax.analysis.windows import Window


@pytest.fixture
def picture(rng):
    image = np.full((60, 100, 3), 120, np.uint8)
    image[20:40, 70:95] = rng.integers(0, 256, (20, 25, 3))
    density = np.full((60, 100), 1e-6)
    density[30, 82] = 1
    return Picture(image, density, np.ones((60, 100)), density)


def test_windows_stay_in_the_picture(picture):
    assert center(picture, 60, 60) == Window(20, 0, 60, 60)
    assert around(picture, 99, 1, 30, 40) == Window(60, 0, 40, 30)
    assert at_focal_point(picture, 20, 20) == Window(72, 20, 20, 20)


def test_smartcrop_finds_the_part_with_details(picture):
    pytest.importorskip("smartcrop")
    assert smartcrop(picture, 60, 60) == Window(40, 0, 60, 60)


def test_half_the_area_is_half_the_area():
    for ratio in ("1:1", "16:9", "9:16"):
        whole, half = (size_of(ratio, area, 600, 800) for area in (1.0, 0.5))
        assert half[0] * half[1] == pytest.approx(whole[0] * whole[1] / 2, rel=0.01)


def test_fixations_in_a_window_are_counted():
    counts = np.zeros((6, 8))
    counts[2, 3] = 3
    counts[5, 7] = 1
    assert kept(counts, Window(3, 2, 1, 1)) == 0.75
    assert kept(counts, Window(4, 2, 4, 4)) == 0.25

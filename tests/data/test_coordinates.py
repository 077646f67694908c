"""Pixels and fractions of an axis, and the pixels that a window covers."""

import numpy as np
import pytest

from samjax.data.coordinates import covered_pixels, from_fractions, snap_axis, to_fractions


def test_the_edges_are_0_and_1_and_a_pixels_centre_is_its_number():
    np.testing.assert_array_equal(to_fractions([-0.5, 3.5, 7.5], 8), [0, 0.5, 1])
    np.testing.assert_array_equal(to_fractions([[0, 0]], (2, 4)), [[0.25, 0.125]])


def test_fractions_and_pixels_are_inverse(rng):
    points = rng.uniform(-1, 50, (20, 2)).astype(np.float32)
    back = from_fractions(to_fractions(points, (50, 30)), (50, 30))
    assert back.dtype == np.float64
    np.testing.assert_allclose(back, points, atol=1e-13)


@pytest.mark.parametrize(
    ("begin", "extent", "pixels"),
    [
        (0.0, 1.0, (0, 10)),
        (0.2, 0.5, (0, 10)),  # inside the image
        (-0.5, 2.0, (2, 8)),  # around it; the edges lie at 2.5 and 7.5
        (-1 / 3, 1.0, (3, 10)),  # the edge lies at 3.33
        (2.0, 1.0, (0, 0)),  # beside it
    ],
)
def test_covered_pixels_show_any_of_the_image(begin, extent, pixels):
    assert covered_pixels(begin, extent, 10) == pixels


def test_an_edge_that_should_be_whole_adds_no_pixel():
    assert covered_pixels(-0.3, 1.0, 10) == (3, 10)
    assert covered_pixels(-0.3 + 1e-9, 1.0, 10) == (3, 10)


@pytest.mark.parametrize(("begin", "extent"), [(0.11, 0.5), (-0.2, 1.5), (0.4, 0.9)])
def test_a_snapped_axis_has_whole_pixels_on_both_sides(begin, extent):
    image, canvas = 97, 24
    snapped_begin, snapped_extent = snap_axis(begin, extent, image, canvas)
    assert abs(snapped_begin - begin) * canvas / extent < 2
    first = max(snapped_begin, 0) * image
    assert first == pytest.approx(round(first))
    edge = -snapped_begin / snapped_extent * canvas
    assert edge <= 0 or edge == pytest.approx(round(edge))

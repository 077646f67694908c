"""Outlines and labels show on every ground without colours."""

import numpy as np
import pytest

from samjax.pictures.outlines import Outline, draw_outlines, rings_of_mask

RING = np.array([[60.0, 50.0], [160.0, 50.0], [160.0, 120.0], [60.0, 120.0]])


@pytest.mark.parametrize("grey", [0, 127, 255])
def test_lines_and_labels_are_black_and_white(grey):
    image = np.full((150, 200, 3), grey, np.uint8)
    drawn = draw_outlines(image, [Outline([RING], "1: 12.3%")])
    assert (image == grey).all()
    for part in (drawn[115:125, 100:150], drawn[50:60, 60:120]):  # the lower line, the label
        assert part.min() < 50
        assert part.max() > 150  # a thin line between two pixels is drawn in both
    assert (drawn[90:110, 80:150] == grey).all()
    assert (np.ptp(drawn, axis=-1) == 0).all()


def test_labels_stay_in_the_picture_and_off_each_other():
    image = np.full((150, 200, 3), 127, np.uint8)
    away = RING + np.array([110, 90])
    ours, both = (draw_outlines(image, [Outline([away], "1")] * n) for n in (1, 2))
    assert (ours[-25:, -20:] == 0).any()
    # The second label is somewhere else, so that more is black.
    assert (both == 0).sum() > 1.3 * (ours == 0).sum()


def test_a_mask_has_the_ring_of_its_border():
    mask = np.zeros((20, 30))
    mask[5:10, 6:20] = 1
    (ring,) = rings_of_mask(mask)
    np.testing.assert_array_equal([ring.min(axis=0), ring.max(axis=0)], [[6.5, 5.5], [19.5, 9.5]])


@pytest.mark.parametrize("size", [(1, 1), (3, 400)])
def test_tiny_pictures(size):
    drawn = draw_outlines(np.zeros((*size, 3), np.uint8), [Outline([RING], "1")])
    assert drawn.shape == (*size, 3)

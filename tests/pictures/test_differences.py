"""Signed maps: blue is less, orange is more, and nothing is grey."""

import numpy as np

from samjax.pictures.differences import LESS, MORE, difference_picture, diverging


def test_colours_have_the_signs():
    colours = diverging(np.array([-2.0, -1.0, 0.0, 1.0, 5.0]), 1.0)
    np.testing.assert_allclose(colours, [LESS, LESS, [255] * 3, MORE, MORE])


def test_the_ends_differ_for_people_who_do_not_see_red_or_green():
    """With red and green as one channel, and in blue, the two ends are far apart."""
    assert abs(LESS[2] - MORE[2]) > 100
    assert abs(LESS[:2].mean() - MORE[:2].mean()) > 50


def test_a_picture_is_coloured_where_attention_moved():
    image = np.random.default_rng(0).integers(0, 256, (60, 240, 3), np.uint8)
    difference = np.zeros((60, 240))
    difference[10:30, 10:60], difference[10:30, 100:150] = -1e-6, 1e-6
    drawn = difference_picture(image, difference)
    assert drawn.shape[0] > 60
    assert (drawn[20, 30].astype(int) @ [-1, 0, 1]) > 50
    assert (drawn[20, 120].astype(int) @ [1, 0, -1]) > 50
    assert (np.ptp(drawn[:60][:, 200:], axis=-1) == 0).all()


def test_no_difference_is_grey():
    drawn = difference_picture(np.full((20, 30, 3), 9, np.uint8), np.zeros((20, 30)))
    assert (np.ptp(drawn[:20], axis=-1) == 0).all()

"""Which images the gallery shows, and how their fixations reach the page."""

import math
from types import SimpleNamespace

import numpy as np

from samjax.report import gallery


def test_images_are_chosen_from_the_best_to_the_worst():
    image_ids = [f"i{k}" for k in range(10)]
    scores = {name: float(k) for k, name in enumerate(reversed(image_ids))}
    chosen = gallery.choose_images(image_ids, 3, scores)
    assert {image_ids[k] for k in chosen} >= {"i0", "i9"}
    assert gallery.choose_images(image_ids, 99, {}) == list(range(10))


def test_one_image_without_a_score_spreads_them_over_the_split():
    scores = {"a": 3.0, "b": math.nan, "c": 1.0}
    assert gallery.choose_images(["a", "b", "c"], 2, scores) == [0, 2]


def test_positions_are_spread_evenly_and_are_different():
    assert gallery.spread_evenly(9, 3) == [0, 4, 8]
    assert gallery.spread_evenly(3, 99) == [0, 1, 2]
    assert gallery.spread_evenly(5, 1) == [0]


def test_fixations_are_in_parts_of_the_image_and_not_too_many():
    points = np.array([[-0.5, -0.5], [639.5, 479.5]], np.float32)
    example = SimpleNamespace(points=points, width=640, height=480)
    assert gallery._fixation_positions(example).tolist() == [[0, 0], [10_000, 10_000]]
    example.points = np.zeros((2 * gallery.MAX_FIXATIONS + 1, 2), np.float32)
    assert len(gallery._fixation_positions(example)) <= gallery.MAX_FIXATIONS

"""The negatives of shuffled AUC, pixel by pixel."""

import numpy as np
import pytest

from samjax.metrics.shuffled import UNITED, OtherFixations

SIZES = [(20, 30), (40, 30), (20, 30), (10, 12)]


@pytest.fixture
def images(rng):
    return [(f"i{k}", rng.random((15, 2)) * (w - 1, h - 1), h, w) for k, (h, w) in enumerate(SIZES)]


def brute_force(images, keep, height, width):
    counts = np.zeros((height, width))
    for name, fixations, h, w in images:
        if keep(name):
            for x, y in fixations:
                row, column = int((y + 0.5) * height / h), int((x + 0.5) * width / w)
                counts[min(row, height - 1), min(column, width - 1)] += 1
    return counts


def test_tuebingen_has_all_fixations_of_all_others(images):
    others = OtherFixations(images)
    for name, _, h, w in images:
        expected = brute_force(images, lambda n, name=name: n != name, h, w)
        np.testing.assert_array_equal(others.counts(name, h, w, "tuebingen"), expected)


def test_salicon_zeroes_own_locations(images):
    name, _, h, w = images[0]
    own = brute_force(images, lambda n: n == name, h, w)
    expected = np.where(own > 0, 0, brute_force(images, lambda n: True, h, w))
    np.testing.assert_array_equal(OtherFixations(images).counts(name, h, w, "salicon"), expected)


def test_mit_unites_ten_others_by_seed(rng):
    images = [(f"i{k}", rng.random((1, 2)) * 200, 200, 200) for k in range(30)]
    one = OtherFixations(images).counts("i3", 200, 200, "mit")
    again = OtherFixations(images).counts("i3", 200, 200, "mit")
    other = OtherFixations(images, seed=1).counts("i3", 200, 200, "mit")
    assert one.max() == 1
    assert UNITED - 1 <= one.sum() <= UNITED
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_an_image_alone_has_no_negatives(images):
    others = OtherFixations(images[:1])
    for convention in ("mit", "tuebingen", "salicon"):
        assert not others.counts("i0", 20, 30, convention).any()

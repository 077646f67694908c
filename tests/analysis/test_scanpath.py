"""Gaze order: seeded, faithful to the density, and kept from returning by inhibition."""

import csv
import io

import cv2
import numpy as np
import pytest

from samjax.analysis.scanpath import RULE, scanpaths
from samjax.analysis.scanpath_files import PICTURE, TABLE, scanpath_encoders
from samjax.errors import UserError

FREE = RULE._replace(strength=0.0, floor=1e9)  # neither inhibition nor nearness


def two_places():
    density = np.zeros((60, 90))
    density[20:24, 10:14] = 3
    density[40:44, 70:74] = 1
    return density / density.sum()


def test_a_seed_decides_all(rng):
    density = rng.random((40, 60))
    one = scanpaths(density, 8, 3, seed=5)
    assert one.shape == (3, 8, 2)
    np.testing.assert_array_equal(one, scanpaths(7 * density, 8, 3, seed=5))
    assert np.abs(one - scanpaths(density, 8, 3, seed=6)).max() > 1
    assert np.abs(one[0] - one[1]).max() > 1


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (40, 60), (500, 333)])
def test_fixations_are_in_the_picture(rng, size):
    points = scanpaths(rng.random(size), 6, 20)
    assert (points >= -0.5).all()
    assert (points <= np.array(size[::-1]) - 0.5).all()


def test_without_inhibition_and_nearness_places_are_drawn_as_the_density_says():
    points = scanpaths(two_places(), 10, 100, rule=FREE)
    left = points[..., 0] < 45
    # 1000 draws with probability 3/4: the standard deviation is 0.014.
    assert left.mean() == pytest.approx(0.75, abs=0.05)
    inside = (np.abs(points - (11.5, 21.5)) <= 2).all(-1) | (
        np.abs(points - (71.5, 41.5)) <= 2
    ).all(-1)
    assert inside.all()


def test_a_place_is_left_and_looked_at_again_when_it_is_forgotten():
    density = np.zeros((60, 90))
    density[22, 12], density[42, 72] = 3, 1
    stays = RULE._replace(floor=1e9, strength=1.0, radius=0.2, forgetting=1.0)
    left = scanpaths(density, 2, 200, rule=stays)[..., 0] < 45
    assert (left[:, 0] != left[:, 1]).mean() > 0.98  # a place is inhibited, but for a thousandth
    third = scanpaths(density, 3, 200, rule=stays._replace(forgetting=0.0))[..., 0] < 45
    assert (third[:, 0] == third[:, 2]).mean() > 0.98
    free = scanpaths(density, 2, 200, rule=FREE)[..., 0] < 45
    assert (free[:, 0] != free[:, 1]).mean() == pytest.approx(2 * 0.75 * 0.25, abs=0.1)


def test_near_places_are_preferred():
    flat = np.ones((90, 90))

    def step(rule):
        return np.linalg.norm(np.diff(scanpaths(flat, 9, 50, rule=rule), axis=1), axis=-1).mean()

    assert step(RULE._replace(reach=0.1, floor=0.0)) < 0.5 * step(FREE)


def test_where_all_is_inhibited_the_density_alone_decides():
    density = np.zeros((9, 9))
    density[4, 4] = 1
    points = scanpaths(density, 5, rule=RULE._replace(radius=5.0, forgetting=1.0))
    np.testing.assert_allclose(points, np.full((1, 5, 2), 4), atol=0.5)


@pytest.mark.parametrize("numbers", [(0, 1, 0), (1001, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_impossible_numbers_are_named(numbers):
    fixations, sequences, seed = numbers
    with pytest.raises(UserError, match="is not possible"):
        scanpaths(np.ones((4, 4)), fixations, sequences, seed=seed)


def test_files_show_the_sequence_of_the_function(rng):
    density, image = rng.random((80, 120)), np.full((80, 120, 3), 90, np.uint8)
    encoders = scanpath_encoders(4, seed=3)
    rows = list(csv.DictReader(io.StringIO(encoders[TABLE](density, None).decode())))
    points = scanpaths(density, 4, seed=3)[0]
    assert [row["fixation"] for row in rows] == ["1", "2", "3", "4"]
    table = np.array([[float(row["x"]), float(row["y"])] for row in rows])
    np.testing.assert_allclose(table, points, atol=0.051)
    drawn = cv2.imdecode(
        np.frombuffer(encoders[PICTURE](density, image), np.uint8), cv2.IMREAD_COLOR
    )
    assert drawn.shape == image.shape
    changed = np.abs(drawn.astype(int) - 90).max(axis=-1) > 40
    for x, y in points:  # something is drawn around each fixation
        assert changed[
            max(0, round(y) - 2) : round(y) + 3, max(0, round(x) - 2) : round(x) + 3
        ].any()
    assert changed.mean() < 0.5

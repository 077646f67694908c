"""Pictures side by side."""

import numpy as np

from samjax.pictures.heatmap import heatmap
from samjax.pictures.panels import panel


def test_an_image_and_its_maps_stand_in_a_row_at_their_aspects(rng):
    image = rng.integers(0, 256, (24, 32, 3), np.uint8)
    maps = [rng.random((12, 16)), rng.random((24, 12))]
    row = panel(image, maps, height=12)
    assert row.shape == (12, 16 + 16 + 6, 3)
    np.testing.assert_array_equal(row[:, 16:32], heatmap(maps[0]))


def test_there_may_be_no_image(rng):
    assert panel(None, [rng.random((6, 8))] * 3, height=6).shape == (6, 24, 3)


def test_a_very_narrow_map_keeps_a_column():
    assert panel(None, [np.zeros((100, 1))], height=10).shape == (10, 1, 3)

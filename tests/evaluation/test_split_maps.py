"""A model's maps of a split have the sizes of the stimuli."""

import numpy as np
import pytest
from tiny_model import tiny_model

from samjax.evaluation.split_maps import split_maps


def test_every_image_has_its_maps_at_the_stimulus_size(source):
    model = tiny_model()
    images = list(split_maps(model, source, 2))
    assert [image.position for image in images] == list(range(len(source)))
    for position, maps in images:
        example = source[position]
        assert maps.shape == (1, example.height, example.width)
        assert maps.dtype == np.float32
        assert maps.sum(dtype=np.float64) == pytest.approx(1, abs=1e-4)

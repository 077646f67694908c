"""A model's maps after one timestep, after several, and without recurrence."""

import numpy as np
import pytest
from tiny_model import INPUT, SAM_TINY, tiny_variables

from samjax.errors import UserError
from samjax.prediction.maps import model_maps
from samjax.prediction.predictor import Predictor
from samjax.prediction.traced import TracedNetwork


@pytest.fixture(scope="module")
def model():
    return Predictor(TracedNetwork(SAM_TINY, tiny_variables(), INPUT, "random"))


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (2, *INPUT, 3), np.uint8)


def test_several_timesteps_in_one_pass_are_those_of_single_ones(model, images):
    maps = model_maps(model, images, (1, 3))
    assert maps.shape == (2, 2, *model.map_size)
    assert maps.dtype == np.float32
    for k, t in enumerate((1, 3)):
        single = model_maps(model, images, t)
        assert single.shape == (2, 1, *model.map_size)
        # Densities in float32 from two compiled programs: relative to the largest value.
        np.testing.assert_allclose(maps[:, k], single[:, 0], rtol=0, atol=1e-4 * single.max())


def test_without_timesteps_as_in_training(model, images):
    expected = model_maps(model, images, model.timesteps)
    for timesteps in (None, (), (model.timesteps,)):
        np.testing.assert_array_equal(model_maps(model, images, timesteps), expected)
    np.testing.assert_allclose(expected.sum(axis=(2, 3)), 1, rtol=1e-5)


def test_a_model_without_recurrence_has_one_map(images):
    variables = tiny_variables()
    del variables["params"]["attentive_convlstm"]
    model = Predictor(TracedNetwork(SAM_TINY.clone(timesteps=0), variables, INPUT, "random"))
    expected = model_maps(model, images)
    assert expected.shape == (2, 1, *model.map_size)
    for timesteps in ((), 0, (0,)):
        np.testing.assert_array_equal(model_maps(model, images, timesteps), expected)
    with pytest.raises(UserError, match="no recurrence"):
        model_maps(model, images, 2)

"""A prepared network predicts what its parameters predict, without computing with them again."""

import jax
import numpy as np
import pytest
from flax.traverse_util import flatten_dict
from weight_files import network

from samjax.models import SAM
from samjax.models.precompute import precompute

INPUT = (64, 80)


@pytest.fixture(scope="module", params=["vgg_tiny", "resnet_tiny"])
def case(request):
    fields, _, variables = network(request.param)
    model = SAM(**fields)
    return model, variables, precompute(model, variables, INPUT)


@pytest.mark.parametrize("timesteps", [1, 3])
def test_maps_attention_and_priors_are_those_of_the_parameters(rng, case, timesteps):
    model, variables, ready = case
    model = model.clone(timesteps=timesteps)
    images = rng.integers(0, 256, (2, *INPUT, 3)).astype(np.uint8)
    got, expected = (jax.jit(model.apply)(v, images) for v in (ready, variables))
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6 * np.abs(b).max())


def test_no_parameter_is_kept_that_a_prepared_one_stands_for(case):
    _, _, ready = case
    left = {path[-1] for path in flatten_dict(ready["params"])}
    assert left <= {"scale"} | {"bias"}  # of batch normalisation
    assert all("bn_" in "/".join(path) for path in flatten_dict(ready["params"]))


def test_initialising_prepares_nothing(case):
    model, _, _ = case
    shapes = jax.eval_shape(model.init, jax.random.key(0), np.zeros((1, *INPUT, 3), np.uint8))
    assert set(shapes) <= {"params", "batch_stats"}

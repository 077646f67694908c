"""A network with precomputed values predicts what its parameters predict, and computes less."""

import jax
import numpy as np
import pytest
from flax.traverse_util import flatten_dict
from tolerance import assert_close, rounding
from weight_files import network

from samjax.models import SAM
from samjax.models.precompute import COLLECTION, precompute

INPUT = (32, 40)
CASES = [("vgg_tiny", "cpu", 2), ("resnet_tiny", "xla", 1)]  # and the number of timesteps


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request):
    backbone, backend, timesteps = request.param
    fields, _, variables = network(backbone)
    model = SAM(**{**fields, "timesteps": 4}, backend=backend)
    # What is precomputed serves any number of timesteps.
    ready = precompute(model.clone(timesteps=1), variables, INPUT)
    return model.clone(timesteps=timesteps), variables, ready


def test_maps_attention_and_priors_are_those_of_the_parameters(rng, case):
    model, variables, ready = case
    images = rng.integers(0, 256, (2, *INPUT, 3)).astype(np.uint8)
    got, expected = (jax.jit(model.apply)(v, images) for v in (ready, variables))
    assert_close(got, expected, rounding(25 * 28))  # the same sums, only fused in another way


def test_no_parameter_is_kept_that_a_precomputed_value_stands_for(case):
    _, _, ready = case
    remaining = flatten_dict(ready["params"])
    assert {path[-1] for path in remaining} <= {"scale", "bias"}  # of batch normalisation
    assert all("bn_" in "/".join(path) for path in remaining)


def test_initialising_precomputes_nothing(case):
    model, _, _ = case
    shapes = jax.eval_shape(model.init, jax.random.key(0), np.zeros((1, *INPUT, 3), np.uint8))
    assert set(shapes) <= {"params", "batch_stats"}
    assert COLLECTION not in shapes

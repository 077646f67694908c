"""The benchmark's network is the paper's."""

import numpy as np
import pytest

from experiments.bench.case import NetworkCase, random_batch, random_variables, samjax_model
from samjax.weights import is_paper

TINY = NetworkCase("vgg_tiny", features=8, timesteps=1, gaussians=2, input_size=(32, 40), batch=2)


@pytest.mark.parametrize("backbone", ["vgg16", "resnet50"])
def test_the_network_is_the_papers(backbone):
    model = samjax_model(NetworkCase(backbone))
    assert is_paper(vars(model))
    assert model.dtype is None


def test_random_values_are_the_same_for_a_seed_and_differ_from_layer_to_layer():
    first, again = random_variables(TINY), random_variables(TINY)
    kernel = first["params"]["readout"]["kernel"]
    np.testing.assert_array_equal(kernel, again["params"]["readout"]["kernel"])
    assert not np.array_equal(kernel, random_variables(TINY, seed=1)["params"]["readout"]["kernel"])
    assert first["params"]["readout"]["bias"].min() > 0.5  # its ReLU lets values through


def test_a_batch_has_the_networks_sizes():
    batch = random_batch(TINY)
    assert batch["image"].shape == (2, 32, 40, 3)
    assert TINY.grid == (4, 5)
    assert batch["density"].shape == batch["counts"].shape == (2, 4 * 16, 5 * 16)

"""The priors are the Gaussians of the paper, their parameters those of the release."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from tolerance import assert_close, rounding
from weight_files import network

from samjax.models.priors import LOWER, UPPER, LearnedPriors, PriorBlock, clip, gaussian_maps

# exp(-z) turns the error of z, a few roundings of z, into z exp(-z) times as much, at most 1/e.
EXPONENTIAL = rounding(16)
SIZES = [(30, 40), (40, 30), (1, 1), (5, 9)]


@pytest.mark.parametrize("size", SIZES)
def test_clipped_priors_are_the_direct_formula_on_any_grid(rng, size):
    gaussians = np.concatenate([rng.uniform(0, 1, 20), rng.uniform(0.01, 1.2, 20)])
    variables = {"params": {"gaussians": jnp.float32(gaussians.reshape(4, 10))}}
    got = jax.jit(lambda v: gaussian_maps(LearnedPriors(10).apply(v), *size))(variables)
    expected = reference.priors(gaussians, *size).transpose(1, 2, 0)
    np.testing.assert_allclose(got, expected, atol=EXPONENTIAL)


def test_maximum_is_one_even_far_outside_of_the_grid():
    maps = gaussian_maps(jnp.array([[0.25], [0.35], [0.1], [0.2]]), 400, 10)  # y from -19.5
    np.testing.assert_array_equal(maps.max(axis=(0, 1)), 1)
    assert np.isfinite(maps).all()


@pytest.mark.parametrize("offset", [0.0, 1e-3])
def test_gradient_of_the_clip_is_one_at_the_limits_and_zero_outside(offset):
    for values, side in ((LOWER, -1), (UPPER, 1)):
        gradient = jax.grad(lambda v: clip(v).sum())(jnp.asarray(values + side * offset))
        np.testing.assert_array_equal(gradient, np.full((4, 1), float(offset == 0)))


def test_sigmoid_priors_stay_in_the_ranges_with_gradients_everywhere(rng):
    module = LearnedPriors(6, "sigmoid")
    variables = module.init(jax.random.key(0))

    def drawn(variables):
        return gaussian_maps(module.apply(variables), 6, 8)

    maps = drawn(variables)
    gradient = jax.jit(jax.grad(lambda v: (drawn(v) ** 2).sum()))(variables)
    assert maps.shape == (6, 8, 6)
    assert (np.abs(gradient["params"]["logits"]) > 0).all()


@pytest.mark.parametrize(("size", "backend"), [((9, 12), "cpu"), ((7, 11), "xla")])
def test_block_is_a_convolution_of_features_beside_priors(rng, size, backend):
    h = rng.normal(size=(24, *size))
    _, layers, variables = network("vgg_tiny")
    block = PriorBlock(24, 4, backend=backend)
    params = {"params": variables["params"]["prior_block1"]}
    got, priors = jax.jit(block.apply)(params, jnp.float32(h.transpose(1, 2, 0)[None]))
    maps = reference.priors(layers["learningprior_1"][0], *size)
    w, b = layers["atrousconvolution2d_1"]
    expected = reference.relu(reference.conv(np.concatenate([h, maps]), w, b, dilation=4))
    np.testing.assert_allclose(priors, maps.transpose(1, 2, 0), atol=EXPONENTIAL)
    assert_close(got[0].transpose(2, 0, 1), expected, rounding(25 * 28))


def test_parameters_start_as_the_release_draws_them():
    values = LearnedPriors(2000).init(jax.random.key(0))["params"]["gaussians"]
    for row, (low, high) in zip(values, [(0.3, 0.7)] * 2 + [(0.05, 0.3)] * 2, strict=True):
        assert low <= row.min() < low + 0.01
        assert high - 0.01 < row.max() <= high

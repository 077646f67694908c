"""The features of a VGG are the reference's, its pools the release's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from tolerance import assert_close, rounding
from weight_files import network

from samjax.models.stages import VGG_TINY, Pool
from samjax.models.vgg import VGG, max_pool


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(6, 8), (7, 9)])
def test_shifted_pool_is_the_releases_same_pool(rng, stride, size):
    x = rng.normal(size=(3, *size)) - 5  # all negative: padding must never win
    got = max_pool(jnp.float32(x.transpose(1, 2, 0)[None]), Pool(stride, shifted=True))
    expected = reference.even_same_pool(x, stride)
    np.testing.assert_array_equal(got[0].transpose(2, 0, 1), np.float32(expected))


def test_shifted_pool_covers_the_cell_before():
    x = jnp.arange(6.0).reshape(1, 6, 1, 1)
    np.testing.assert_array_equal(max_pool(x, Pool(2, shifted=True)).ravel(), [0, 2, 4])
    np.testing.assert_array_equal(max_pool(x, Pool(1, shifted=True)).ravel(), [0, 1, 2, 3, 4, 5])


@pytest.mark.parametrize("size", [(6, 8), (7, 9)])
def test_plain_pool_is_brute_force(rng, size):
    x = rng.normal(size=(3, *size))
    got = max_pool(jnp.float32(x.transpose(1, 2, 0)[None]), Pool(2))
    np.testing.assert_array_equal(got[0].transpose(2, 0, 1), np.float32(reference.pool(x, 2, 2, 0)))


@pytest.mark.parametrize(("size", "backend"), [((61, 77), "cpu"), ((56, 40), "xla")])
def test_features_are_the_references(rng, size, backend):
    x = 50 * rng.normal(size=(3, *size))
    _, layers, variables = network("vgg_tiny")
    params = variables["params"]["backbone"]
    vgg = VGG(VGG_TINY, backend=backend)
    got = jax.jit(vgg.apply)({"params": params}, jnp.float32(x.transpose(1, 2, 0)[None]))
    expected = reference.vgg(x, layers).transpose(1, 2, 0)
    assert_close(got[0], expected, rounding(9 * 24, layers=5))


def test_size_is_halved_twice_down_and_once_up():
    params = network("vgg_tiny").variables["params"]["backbone"]
    images = jax.ShapeDtypeStruct((1, 122, 157, 3), jnp.float32)
    features = jax.eval_shape(VGG(VGG_TINY).apply, {"params": params}, images)
    assert features.shape[1:3] == (15, 20)

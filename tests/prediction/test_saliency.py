"""Arrays at the image's own size from what a network computed on its canvas."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.models import SAMOutput
from samjax.prediction.postprocess import to_original
from samjax.prediction.saliency import Saliency

SIZE = (30, 50)
CANVAS = (12, 16)


@pytest.fixture
def output(rng):
    """Of a batch of one image: random maps after three timesteps."""
    saliency = rng.random((1, 3, *CANVAS)).astype(np.float32)
    density = saliency / saliency.sum(axis=(2, 3), keepdims=True)
    attention = rng.random((1, 3, 6, 8)).astype(np.float32)
    fields = {
        "saliency": saliency[:, -1],
        "log_density": np.log(density[:, -1]),
        "attention": attention / attention.sum(axis=(2, 3), keepdims=True),
        "priors": (np.zeros((6, 8, 0), np.float32),) * 2,
        "timestep_saliency": saliency,
        "timestep_log_density": np.log(density),
    }
    return SAMOutput(**jax.tree.map(jnp.asarray, fields))


def saliency_of(output, density=True):
    return Saliency(output, lambda: output, SIZE, density=density)


@pytest.mark.parametrize("density", [True, False])
def test_every_array_has_the_images_size(output, density):
    saliency = saliency_of(output, density)
    for array in (saliency.density, saliency.log_density):
        assert (array.shape, array.dtype) == (SIZE, np.float32)
    for array in (saliency.timesteps, saliency.attention):
        assert (array.shape, array.dtype) == ((3, *SIZE), np.float32)
    assert repr(saliency) == "<Saliency of an image of 50 x 30 pixels>"


@pytest.mark.parametrize("density", [True, False])
def test_densities_sum_to_one(output, density):
    saliency = saliency_of(output, density)
    maps = [saliency.density, np.exp(saliency.log_density.astype(np.float64))]
    for image in (*maps, *saliency.timesteps, *saliency.attention):
        # Each of the 1,500 pixels is rounded to 2^-24 of itself; of a logarithm near -7 it is
        # 2^-22, which is that fraction of the density.
        assert image.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
        assert image.min() > 0


def test_logarithm_and_last_timestep_agree_with_the_density(output):
    saliency = saliency_of(output)
    np.testing.assert_allclose(np.exp(saliency.log_density), saliency.density, rtol=1e-5)
    np.testing.assert_array_equal(saliency.timesteps[-1], saliency.density)


def test_a_map_that_is_no_density_is_divided_by_its_sum(output):
    image = to_original(np.asarray(output.saliency[0]), *SIZE, density=False)
    expected = image / image.sum(dtype=np.float64)
    np.testing.assert_allclose(saliency_of(output, False).density, expected, rtol=1e-6)


def test_a_blank_map_is_uniform(output):
    blank = dataclasses.replace(output, saliency=jnp.zeros((1, *CANVAS)))
    np.testing.assert_array_equal(saliency_of(blank, False).density, np.float32(1 / 1500))


def test_the_logarithm_is_finite_where_the_density_is_too_small_for_float32(output):
    log_density = np.full((1, *CANVAS), -300, np.float32)
    log_density[0, 6, 8] = 0
    saliency = saliency_of(dataclasses.replace(output, log_density=jnp.asarray(log_density)))
    assert saliency.density.min() == 0
    assert np.isfinite(saliency.log_density).all()
    assert saliency.log_density.min() < -250


def test_timesteps_are_computed_only_when_they_are_asked_for(output):
    calls = []

    def all_timesteps():
        calls.append(1)
        return output

    saliency = Saliency(output, all_timesteps, SIZE, density=True)
    assert (saliency.density.sum() > 0, saliency.attention.sum() > 0, calls) == (True, True, [])
    assert saliency.timesteps is saliency.timesteps
    assert calls == [1]


def test_a_model_without_recurrence_has_no_attention(output):
    flat = dataclasses.replace(output, attention=jnp.zeros((1, 0, 6, 8)))
    assert saliency_of(flat).attention.shape == (0, *SIZE)

"""Maps and log-densities of the scores, also where a map is blank."""

import jax.numpy as jnp
import numpy as np
from tolerance import rounding

from samjax.models.readout import FLOOR, read_out

TERMS = 24 * 32  # positions of the maps, over which a density sums to 1


def test_a_density_sums_to_one_and_is_its_log_densitys(rng):
    scores = jnp.float32(rng.normal(0, 3, (2, 6, 8)))
    maps = read_out(scores, "density", 4, "half_pixel")
    assert maps.saliency.shape == (2, 24, 32)
    np.testing.assert_allclose(maps.saliency.sum(axis=(1, 2)), 1, atol=rounding(TERMS))
    np.testing.assert_array_equal(np.exp(maps.log_density) > 0, True)
    np.testing.assert_allclose(jnp.exp(maps.log_density), maps.saliency, rtol=rounding(1))


def test_the_releases_map_is_zero_where_scores_are_negative_and_its_density_is_not(rng):
    scores = jnp.float32(np.where(np.arange(8) < 4, -1.0, rng.uniform(1, 2, (1, 6, 8))))
    maps = read_out(scores, "relu", 4, "paper")
    assert (maps.saliency[..., :8] == 0).all()
    np.testing.assert_allclose(jnp.exp(maps.log_density).sum(), 1, atol=rounding(TERMS))
    span = maps.log_density.max() - maps.log_density.min()
    np.testing.assert_allclose(span, -np.log(FLOOR), rtol=rounding(16))


def test_a_blank_map_has_the_even_density():
    maps = read_out(jnp.full((1, 3, 4), -1.0), "relu", 2, "paper")
    assert not maps.saliency.any()
    np.testing.assert_allclose(maps.log_density, -np.log(6 * 8), rtol=rounding(48))

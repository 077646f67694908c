"""Reductions over the pixels of a mask."""

import jax.numpy as jnp
import numpy as np

from samjax.metrics import masked

MASK = jnp.zeros((2, 5, 7), bool).at[0, 1:4, 2:6].set(True)  # the second image has no pixel


def test_sum_of_repeated_values_does_not_drift():
    # One long float32 sum of these loses 1e-5; stages of 64 terms lose at most 64 * 2^-24 each.
    x = jnp.full((1, 300, 400), 0.1, jnp.float32)
    expected = np.float64(np.float32(0.1)) * 300 * 400
    got = masked.total(x, jnp.ones(x.shape, bool))
    np.testing.assert_allclose(got, [expected], rtol=3 * 64 * 2.0**-24)


def test_empty_mask_is_no_error(rng):
    x = jnp.asarray(rng.random(MASK.shape), jnp.float32)
    assert masked.size(MASK, jnp.float32).tolist() == [12, 0]
    assert masked.total(x, MASK)[1] == 0
    assert jnp.isnan(masked.mean(x, MASK)[1])
    assert masked.is_constant(x, MASK).tolist() == [False, True]
    assert masked.is_finite(x, MASK).all()


def test_maps_are_zero_outside_of_the_mask(rng):
    x = jnp.asarray(rng.random(MASK.shape) + 1, jnp.float32)
    for function in (masked.unit_range_map, masked.centered_map, masked.distribution_map):
        assert not function(x, MASK)[~MASK].any()
    unit = masked.unit_range_map(x, MASK)[MASK]
    assert (unit.min(), unit.max()) == (0, 1)
    distribution = masked.distribution_map(x, MASK)
    np.testing.assert_allclose(masked.total(distribution, MASK), [1, 0], rtol=1e-6)

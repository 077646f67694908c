import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.models.pooling import max_pool

CASES = [(2, 2, (0, 0)), (2, 2, (1, 0)), (2, 1, (1, 0)), (3, 2, (1, 1))]


@pytest.mark.parametrize(("size", "stride", "padding"), CASES)
@pytest.mark.parametrize("shape", [(6, 8), (7, 9)])
def test_values_and_gradients_are_xlas_also_among_equal_cells(rng, shape, size, stride, padding):
    x = jnp.float32(rng.integers(-3, 3, (2, *shape, 4)))  # many ties, some of negative maxima

    def theirs(x):
        return nn.max_pool(x, (size, size), strides=(stride, stride), padding=(padding, padding))

    expected, backward = jax.vjp(theirs, x)
    got, ours = jax.vjp(lambda x: max_pool(x, size, stride, (padding, padding)), x)
    np.testing.assert_array_equal(got, expected)
    g = jnp.float32(rng.normal(size=got.shape))
    np.testing.assert_allclose(ours(g)[0], backward(g)[0], atol=1e-6)


@pytest.mark.parametrize("at", range(4))
def test_a_nan_is_not_lost(at):
    x = jnp.arange(4.0).at[at].set(jnp.nan).reshape(1, 2, 2, 1)
    assert jnp.isnan(max_pool(x, 2, 2)).all()

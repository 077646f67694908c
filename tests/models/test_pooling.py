"""Both ways of pooling give XLA's values and gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.models.pooling import max_pool

CASES = [(2, 2, (0, 0)), (2, 2, (1, 0)), (2, 1, (1, 0)), (3, 2, (1, 1))]


@pytest.mark.parametrize(("size", "stride", "padding"), CASES)
def test_values_and_gradients_are_xlas_also_among_equal_cells(rng, size, stride, padding):
    x = jnp.float32(rng.integers(-3, 3, (2, 7, 10, 4)))  # many ties, some of negative maxima

    def values_and_gradient(backend):
        def total(x):
            y = max_pool(x, size, stride, (padding, padding), backend)
            # Each output with a weight of its own, so that no gradient takes another one's place.
            return (y * jnp.arange(y.size).reshape(y.shape)).sum(), y

        return jax.jit(jax.value_and_grad(total, has_aux=True))(x)

    (_, got), gradient = values_and_gradient("cpu")
    (_, expected), wanted = values_and_gradient("xla")
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(gradient, wanted)  # sums of integers are exact


@pytest.mark.parametrize("backend", ["cpu", "xla"])
def test_a_nan_is_not_lost(backend):
    for at in range(4):
        x = jnp.arange(4.0).at[at].set(jnp.nan).reshape(1, 2, 2, 1)
        assert jnp.isnan(max_pool(x, 2, 2, backend=backend)).all()

"""Winograd's products are the convolution, forward and backward, at every size and dilation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from convolution_gradients import convolution_and_gradients
from tolerance import assert_close, rounding

from samjax.models.cpu import winograd


@pytest.mark.parametrize(("taps", "error"), [(3, 3), (5, 8)])
@pytest.mark.parametrize(
    ("size", "dilation", "prepared"),
    [
        ((6, 8), 1, False),
        ((7, 9), 2, True),
        ((5, 4), 4, False),
        ((2, 13), 2, True),
        ((1, 1), 1, False),
    ],
)
def test_winograds_products_are_the_convolution(rng, size, dilation, prepared, taps, error):
    x, kernel = rng.normal(size=(2, *size, 5)), rng.normal(size=(taps, taps, 5, 4))
    g = rng.normal(size=(2, *size, 4))

    @jax.jit
    def compute(x, kernel, g):
        def convolve(x, kernel):
            if prepared:
                return winograd.convolve_with_matrices(
                    x, winograd.transform_kernel(kernel), dilation
                )
            return winograd.convolve(x, kernel, dilation)

        y, backward = jax.vjp(convolve, x, kernel)
        return y, *backward(g)

    got = compute(*map(jnp.float32, (x, kernel, g)))
    # The transforms make some times the error of the plain sum; a gradient of the kernel sums over
    # all positions.
    terms = max(taps**2 * 5, 2 * size[0] * size[1])
    assert_close(got, convolution_and_gradients(x, kernel, g, dilation), error * rounding(terms))


@pytest.mark.parametrize("taps", [3, 5])
def test_in_bfloat16_sums_are_float32_and_the_error_is_that_of_the_factors(rng, taps):
    x, kernel = rng.normal(size=(1, 6, 8, 64)), rng.normal(size=(taps, taps, 64, 4))
    half = [jnp.bfloat16(values) for values in (x, kernel)]
    got = winograd.convolve(*half)
    assert got.dtype == jnp.bfloat16
    g = np.ones((1, 6, 8, 4))
    expected, *_ = convolution_and_gradients(x, kernel, g, 1)
    # Tiles and matrices are rounded to eight bits, and their errors are independent.
    error = np.abs(np.float64(got) - expected).max() / np.abs(expected).max()
    assert error < 8 * 2.0**-8

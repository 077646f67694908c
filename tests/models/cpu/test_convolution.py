"""Which convolution a CPU computes how."""

import jax.numpy as jnp
from tolerance import assert_close, rounding

from samjax.models.cpu.convolution import BlockGradient, Pointwise, Winograd, make_cpu_convolution


def test_many_channels_are_winograds_and_few_are_left_to_xla():
    many = jnp.zeros((3, 3, 128, 256))
    assert isinstance(make_cpu_convolution(many, 2), Winograd)
    assert isinstance(make_cpu_convolution(many[..., :200]), BlockGradient)
    assert isinstance(make_cpu_convolution(jnp.zeros((5, 5, 128, 128)), 4), Winograd)
    assert isinstance(make_cpu_convolution(jnp.zeros((5, 5, 64, 64)), 4), BlockGradient)
    assert isinstance(make_cpu_convolution(jnp.zeros((7, 7, 128, 256))), BlockGradient)
    assert isinstance(make_cpu_convolution(jnp.zeros((1, 1, 128, 256))), Pointwise)
    assert make_cpu_convolution(jnp.zeros((3, 3, 3, 256))) is None


def test_a_1x1_kernel_is_a_product_of_matrices(rng):
    x, kernel = rng.normal(size=(2, 3, 4, 40)), rng.normal(size=(1, 1, 40, 24))
    convolve = make_cpu_convolution(jnp.float32(kernel))
    assert_close(convolve(jnp.float32(x)), x @ kernel[0, 0], rounding(40))
    assert convolve(jnp.bfloat16(x)).dtype == jnp.bfloat16

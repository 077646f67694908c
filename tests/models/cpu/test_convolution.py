"""Which convolution a CPU computes how."""

import jax.numpy as jnp

from samjax.models.cpu.convolution import BlockGradient, Winograd, make_cpu_convolution


def test_many_channels_are_winograds_and_few_are_left_to_xla():
    many = jnp.zeros((3, 3, 128, 256))
    assert isinstance(make_cpu_convolution(many, 2), Winograd)
    assert isinstance(make_cpu_convolution(many[..., :200]), BlockGradient)
    assert isinstance(make_cpu_convolution(jnp.zeros((5, 5, 128, 128)), 4), Winograd)
    assert isinstance(make_cpu_convolution(jnp.zeros((5, 5, 64, 64)), 4), BlockGradient)
    assert isinstance(make_cpu_convolution(jnp.zeros((7, 7, 128, 256))), BlockGradient)
    assert make_cpu_convolution(jnp.zeros((3, 3, 3, 256))) is None

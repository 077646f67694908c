"""Every way of computing a convolution gives XLA's own numbers, forward and backward."""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.models import convolution
from samjax.models.convolution import Conv, Direct, Winograd, make_convolution
from samjax.models.cpu import kernel_gradient, winograd
from samjax.models.cpu.kernel_gradient import correlate, correlate_in_blocks

SIZES = [(6, 8), (7, 9), (5, 4), (2, 13), (1, 1)]


def values_and_gradients(convolve, x, kernel, g):
    y, backward = jax.vjp(convolve, x, kernel)
    return y, *backward(g)


def assert_equal_to_rounding(ours, kernel_size, size, dilation, rng):
    """To a few units of float32's last place of the largest value, against float64."""
    x = rng.normal(size=(2, *size, 5))
    kernel, g = rng.normal(size=(kernel_size, kernel_size, 5, 4)), rng.normal(size=(2, *size, 4))
    with jax.enable_x64(True):
        plain = values_and_gradients(partial(correlate, dilation=dilation), x, kernel, g)
        plain = [np.asarray(p) for p in plain]
    got = values_and_gradients(ours, *map(jnp.float32, (x, kernel, g)))
    for a, b in zip(got, plain, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6 * np.abs(b).max())


@pytest.mark.parametrize("dilation", [1, 2, 4])
@pytest.mark.parametrize("size", SIZES)
def test_winograds_products_are_the_convolution(rng, size, dilation):
    def ours(x, kernel):
        return winograd.convolve(x, winograd.kernels_of(kernel), dilation)

    assert_equal_to_rounding(ours, 3, size, dilation, rng)


@pytest.mark.parametrize("block", [1, 20, 1280])
@pytest.mark.parametrize(("kernel_size", "dilation"), [(1, 1), (3, 1), (3, 2), (5, 4)])
@pytest.mark.parametrize("size", SIZES[:3])
def test_gradients_in_blocks_are_the_convolutions(
    rng, monkeypatch, size, kernel_size, dilation, block
):
    monkeypatch.setattr(kernel_gradient, "BLOCK", block)

    def ours(x, kernel):
        return correlate_in_blocks(x, kernel, dilation)

    assert_equal_to_rounding(ours, kernel_size, size, dilation, rng)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"size": 3}, {}),
        ({"size": 1, "stride": 2}, {"padding": "VALID", "strides": 2}),
        ({"size": 3, "dilation": 2}, {"kernel_dilation": 2}),
        ({"size": 3, "stride": 2}, {"strides": 2}),
        ({"size": 3, "stride": 2, "centred": True}, {"strides": 2, "padding": ((1, 1), (1, 1))}),
        ({"size": 7, "stride": 2, "centred": True}, {"strides": 2, "padding": ((3, 3), (3, 3))}),
        (
            {"size": 3, "stride": 2, "dilation": 2, "centred": True},
            {"strides": 2, "kernel_dilation": 2, "padding": ((2, 2), (2, 2))},
        ),
        ({"size": 3, "use_bias": False}, {"use_bias": False}),
    ],
)
def test_a_conv_has_the_parameters_and_values_of_flaxs(rng, ours, theirs):
    x = jnp.float32(rng.normal(size=(2, 11, 14, 3)))
    reference = nn.Conv(6, (ours["size"],) * 2, bias_init=nn.initializers.normal(1.0), **theirs)
    variables = reference.init(jax.random.key(0), x)
    expected = reference.apply(variables, x)
    np.testing.assert_allclose(Conv(6, **ours).apply(variables, x), expected, atol=1e-5)
    kernel = Conv(6, **ours).init(jax.random.key(0), x)["params"]["kernel"]
    np.testing.assert_array_equal(kernel, variables["params"]["kernel"])


def test_a_half_precision_conv_keeps_float32_parameters(rng):
    x = jnp.float32(rng.normal(size=(1, 6, 6, 3)))
    y, variables = Conv(4, 3, dtype=jnp.bfloat16).init_with_output(jax.random.key(0), x)
    assert y.dtype == jnp.bfloat16
    assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype("float32")}


def test_on_a_cpu_many_channels_in_float32_are_winograds():
    many = jnp.zeros((3, 3, 128, 256))
    assert isinstance(make_convolution(many, 2), Winograd)
    assert make_convolution(many[..., :200]).in_blocks
    assert make_convolution(jnp.zeros((5, 5, 128, 256))).in_blocks
    assert not make_convolution(jnp.zeros((3, 3, 3, 256))).in_blocks
    assert not make_convolution(many.astype(jnp.bfloat16)).in_blocks


def test_elsewhere_all_are_xlas(monkeypatch):
    monkeypatch.setattr(convolution.jax, "default_backend", lambda: "gpu")
    ways = [make_convolution(jnp.zeros((3, 3, n, n))) for n in (8, 256)]
    assert [(type(way), way.in_blocks) for way in ways] == [(Direct, False)] * 2

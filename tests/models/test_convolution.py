"""A convolution has Flax's parameters and values, and is computed as its backend says."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tolerance import assert_close, rounding

from samjax.models.convolution import Conv, Direct, make_convolution
from samjax.models.cpu.convolution import Winograd


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
    assert_close(Conv(6, **ours).apply(variables, x), expected, rounding(ours["size"] ** 2 * 3))
    kernel = Conv(6, **ours).init(jax.random.key(0), x)["params"]["kernel"]
    np.testing.assert_array_equal(kernel, variables["params"]["kernel"])


def test_a_half_precision_conv_keeps_float32_parameters():
    init = Conv(4, 3, dtype=jnp.bfloat16).init_with_output
    y, variables = jax.eval_shape(init, jax.random.key(0), jnp.zeros((1, 6, 6, 3)))
    assert y.dtype == jnp.bfloat16
    assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype("float32")}


def test_the_backend_says_how_a_convolution_is_computed():
    kernel = jnp.zeros((3, 3, 128, 256))
    assert isinstance(make_convolution(kernel), Direct)  # what works everywhere is the default
    assert isinstance(make_convolution(kernel, backend="xla"), Direct)
    assert isinstance(make_convolution(kernel, backend="cpu"), Winograd)
    assert isinstance(make_convolution(kernel[:, :, :3], backend="cpu"), Direct)

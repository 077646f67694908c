"""Multiply-adds are counted as the formulas have them."""

from functools import partial

import jax
import jax.numpy as jnp

from experiments.bench import as_coded
from experiments.bench.arithmetic import multiply_adds
from experiments.bench.case import NetworkCase
from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.cpu import winograd


def test_multiply_adds_of_products_and_convolutions_are_those_of_the_formula():
    a, b = jnp.ones((3, 4)), jnp.ones((4, 5))
    assert multiply_adds(lambda a, b: a @ b, a, b) == 3 * 4 * 5
    x, kernel = jnp.ones((2, 8, 9, 3)), jnp.ones((3, 3, 3, 7))

    def convolve(x, kernel):
        numbers = ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=numbers)

    assert multiply_adds(convolve, x, kernel) == 2 * 8 * 9 * 9 * 3 * 7


def test_zeros_between_dilated_inputs_are_not_counted():
    x, kernel = jnp.ones((1, 4, 4, 3)), jnp.ones((3, 3, 3, 5))

    def upsample(x, kernel):
        numbers = ("NHWC", "HWIO", "NHWC")
        padding = ((1, 2), (1, 2))
        return jax.lax.conv_general_dilated(
            x, kernel, (1, 1), padding, lhs_dilation=(2, 2), dimension_numbers=numbers
        )

    assert multiply_adds(upsample, x, kernel) == 8 * 8 * 5 * 9 * 3 // 4


def test_what_nothing_needs_is_not_counted():
    x, kernel = jnp.ones((1, 4, 6, 3)), jnp.ones((3, 3, 3, 5))

    def loss(x, kernel):
        return (winograd.convolve(x, kernel) ** 2).sum()

    forward = multiply_adds(loss, x, kernel)
    assert forward == 16 * (2 * 3) * 3 * 5  # 16 products for 2 x 3 tiles
    # The gradient is that of x and that of the kernel; it makes tiles anew, but no products.
    assert multiply_adds(jax.grad(loss, (0, 1)), x, kernel) == 3 * forward
    assert multiply_adds(jax.grad(loss), x, kernel) == 2 * forward


def test_a_scan_counts_each_of_its_steps():
    a = jnp.ones((4, 4))

    def steps(a):
        return jax.lax.scan(lambda c, _: (c @ a, None), a, length=5)[0]

    assert multiply_adds(steps, a) == 5 * 4**3
    assert multiply_adds(jax.jit(steps), a) == 5 * 4**3


def test_a_further_timestep_costs_at_most_half_of_its_plain_equations():
    """Executed multiply-adds; what this brings in seconds is the benchmark's to say."""
    case = NetworkCase()
    x = jax.ShapeDtypeStruct((1, *case.grid, case.features), jnp.float32)
    init = AttentiveConvLSTM(case.features, 1).init
    params = jax.eval_shape(init, jax.random.key(0), x)["params"]

    def ours(t):
        module = AttentiveConvLSTM(case.features, t)
        return multiply_adds(lambda p, x: module.apply({"params": p}, x).hidden[:, -1], params, x)

    def coded(t):
        return multiply_adds(partial(as_coded.recurrence, timesteps=t), params, x)

    assert (ours(4) - ours(3)) / (coded(4) - coded(3)) <= 0.55

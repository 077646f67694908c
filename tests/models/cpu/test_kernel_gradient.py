"""The gradient in blocks is the convolution's, whatever the blocks are."""

import jax
import jax.numpy as jnp
import pytest
from convolution_gradients import convolution_and_gradients
from tolerance import assert_close, rounding

from samjax.models.cpu import kernel_gradient
from samjax.models.cpu.kernel_gradient import correlate_in_blocks


@pytest.mark.parametrize(
    ("size", "kernel_size", "dilation", "block"),
    [
        ((6, 8), 1, 1, 1280),
        ((6, 8), 3, 1, 20),  # blocks of one row
        ((7, 9), 3, 2, 40),  # blocks of two rows, the last one not full
        ((5, 4), 5, 4, 1280),
        ((5, 4), 5, 4, 1),
    ],
)
def test_gradients_in_blocks_are_the_convolutions(
    rng, monkeypatch, size, kernel_size, dilation, block
):
    monkeypatch.setattr(kernel_gradient, "BLOCK_POSITIONS", block)
    x, g = rng.normal(size=(2, *size, 5)), rng.normal(size=(2, *size, 4))
    kernel = rng.normal(size=(kernel_size, kernel_size, 5, 4))

    @jax.jit
    def compute(x, kernel, g):
        y, backward = jax.vjp(lambda *a: correlate_in_blocks(*a, dilation), x, kernel)
        return y, *backward(g)

    got = compute(*map(jnp.float32, (x, kernel, g)))
    terms = max(kernel_size**2 * 5, 2 * size[0] * size[1])
    assert_close(got, convolution_and_gradients(x, kernel, g, dilation), rounding(terms))


def test_no_padded_copies_wait_for_the_gradient(rng, monkeypatch):
    """The compiler would pad the inputs in the forward pass, and keep the copies beside them."""
    x = jnp.float32(rng.normal(size=(1, 32, 40, 16)))
    kernels = jnp.float32(rng.normal(size=(4, 3, 3, 16, 16)))

    def loss(x, kernels):
        for kernel in kernels:
            x = jax.nn.relu(correlate_in_blocks(x, kernel, 1))
        return (x**2).sum()

    def temporary_bytes():
        # A function of its own, because JAX would remember what it made of the same one.
        gradient = jax.jit(jax.grad(lambda *a: loss(*a), 1))
        return gradient.lower(x, kernels).compile().memory_analysis().temp_size_in_bytes

    ours = temporary_bytes()
    monkeypatch.setattr(kernel_gradient, "after", lambda g, x: x)
    assert ours < temporary_bytes() - x.nbytes

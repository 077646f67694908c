"""A gradient that computes anew is the same gradient, and needs the arguments alone."""

import jax
import jax.numpy as jnp
import numpy as np
from tolerance import assert_close, rounding

from samjax.models.cpu.recompute import recomputed

SIZE = (2, 5, 7, 8)


def scaled(x, weights):
    """Something with values in between that a gradient needs: tanh's."""
    return jnp.tanh(x * weights["scale"]) @ weights["matrix"]


def case(rng):
    weights = {"scale": rng.normal(size=(1, 1, 1, 8)), "matrix": rng.normal(size=(8, 4))}
    return jax.tree.map(jnp.float32, (rng.normal(size=SIZE), weights))


def loss(function):
    return lambda x, weights: (function(x, weights) ** 2).sum()


def test_values_and_gradients_are_those_of_the_function(rng):
    arguments = case(rng)
    got, expected = (
        jax.value_and_grad(loss(function), (0, 1))(*arguments)
        for function in (recomputed(scaled), scaled)
    )
    assert_close(got, expected, rounding(np.prod(SIZE)))


def test_only_the_arguments_are_kept(rng):
    x, weights = case(rng)
    _, backward = jax.vjp(recomputed(scaled), x, weights)
    kept = {leaf.shape for leaf in jax.tree.leaves(backward) if leaf.ndim}
    assert kept == {x.shape, (1, 1, 1, 8), (8, 4)}


def test_the_compiled_gradient_computes_anew(rng):
    """The compiler would merge two equal computations into one and keep its result."""
    x, weights = case(rng)
    gradient = jax.jit(jax.grad(loss(recomputed(scaled)), (0, 1)))
    assert gradient.lower(x, weights).compile().as_text().count(" tanh(") == 2

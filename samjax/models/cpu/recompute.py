"""Gradients that compute anew what lies between a function's arguments and its result.

`jax.checkpoint` asks for the same; but XLA's CPU backend finds that the second computation equals
the first, keeps the first one's results for both, and nothing is saved.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def recomputed(
    function: Callable[..., Float[Array, "B H W F"]],
) -> Callable[..., Float[Array, "B H W F"]]:
    """Return a function whose gradient needs its arguments alone.

    Args:
        function: Of arrays, or trees of them, differentiable in reverse mode.

    Returns:
        The same function, differentiable in reverse mode only.
    """

    @jax.custom_vjp
    def call(*arguments: Any) -> Array:
        return function(*arguments)

    def forward(*arguments: Any) -> tuple[Array, tuple]:
        return function(*arguments), arguments

    def backward(arguments: tuple, g: Array) -> tuple:
        return jax.vjp(function, *after(g, arguments))[1](g)

    call.defvjp(forward, backward)
    return call


def after(g: Float[Array, "B H W F"], arguments: Any) -> Any:
    """Return the arguments, so that the compiler takes them for something that depends on g."""
    # A maximum, because an element's own computation would be repeated for each element it is added
    # to. Zero times it is zero unless it is not finite, when no gradient is.
    zero = 0 * jnp.max(g[:, 0, 0])
    return jax.tree.map(lambda leaf: leaf + zero.astype(leaf.dtype), arguments)

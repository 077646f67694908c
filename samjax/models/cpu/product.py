"""The product of matrices, whose sums are taken in float32 whatever its factors are."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def product(x: Float[Array, "N C"], y: Float[Array, "C F"]) -> Float[Array, "N F"]:
    """Return x y in float32.

    Processors with products of bfloat16 (Intel's AMX) sum in float32 all the same; that the result
    is float32, too, is what makes XLA's CPU backend use them: four times as fast as otherwise.
    """
    return jnp.matmul(x, y, preferred_element_type=jnp.float32)

"""What depends on the parameters alone, computed once for many predictions instead of in each.

A module asks `cached` for it: cast kernels, a kernel's matrices for Winograd's convolution, the
prior maps and their share of the head. Training computes it in every step, as parameters change;
`precompute` keeps it in the collection "prepared", in place of the parameters themselves.
"""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax.traverse_util import flatten_dict, unflatten_dict

COLLECTION = "prepared"


def cached(module: nn.Module, name: str, make: Callable[[], Any]) -> Any:
    """`make()`, or what an earlier call of it gave, if the variables hold that."""
    if module.has_variable(COLLECTION, name):
        return module.get_variable(COLLECTION, name)
    value = make()
    if module.is_mutable_collection(COLLECTION) and not module.is_initializing():
        module.put_variable(COLLECTION, name, value)
    return value


def precompute(model: nn.Module, variables: dict, input_size: tuple[int, int]) -> dict:
    """The variables of `model` for predictions of images [B, *input_size, 3], on any number of
    timesteps: the parameters that are needed no more are left out."""

    def ready(variables: dict) -> dict:
        images = jnp.zeros((1, *input_size, 3), jnp.uint8)
        return model.apply(variables, images, mutable=[COLLECTION])[1][COLLECTION]

    made = jax.jit(ready)(variables)
    paths = {path[:-1] for path in flatten_dict(made)}
    kept = {
        path: leaf
        for path, leaf in flatten_dict(variables["params"]).items()
        if not any(path[:n] in paths for n in range(len(path)))
    }
    return variables | {"params": unflatten_dict(kept), COLLECTION: made}

"""What depends on the parameters alone, computed once for many predictions instead of in each.

A module asks `cached` for it: cast kernels, a kernel's matrices for Winograd's convolution, the
prior maps and their contribution to the head. Training computes all of this in every step, because
the parameters change; `precompute` keeps it in a collection of variables, in place of the
parameters themselves.
"""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax.traverse_util import flatten_dict, unflatten_dict

COLLECTION = "precomputed"


def cached(module: nn.Module, name: str, make: Callable[[], Any]) -> Any:
    """Return `make()`, or what an earlier call of it gave if the variables hold that.

    Args:
        module: The module that asks, in its `__call__`.
        name: Of the value, unique in the module.
        make: Computes the value, a pytree, from the module's parameters alone.
    """
    if module.has_variable(COLLECTION, name):
        return module.get_variable(COLLECTION, name)
    value = make()
    # Only `precompute` makes the collection mutable: training would keep values that are stale
    # after the next update, and a fresh model's variables are to hold parameters alone.
    if module.is_mutable_collection(COLLECTION) and not module.is_initializing():
        module.put_variable(COLLECTION, name, prepared(value))
    return value


def prepared(value: Any) -> Any:
    """Return a pytree with what can be prepared for many inputs in its prepared form.

    That is what has a method `prepared`, such as a convolution that makes matrices of its kernel.
    """
    return jax.tree.map(
        lambda leaf: leaf.prepared() if _can_be_prepared(leaf) else leaf,
        value,
        is_leaf=_can_be_prepared,
    )


def _can_be_prepared(value: Any) -> bool:
    return hasattr(value, "prepared")


def precompute(model: nn.Module, variables: dict, input_size: tuple[int, int]) -> dict:
    """Return the variables of `model` for predictions, with any number of timesteps.

    Args:
        model: A SAM; its backend decides what is computed.
        variables: {"params": ..., "batch_stats": ...} as `model.init` nests them.
        input_size: Height and width of the images. Those of another size are predicted too, only
            their prior maps are computed each time.

    Returns:
        The variables with one collection more, and without the parameters that it stands for.
    """

    def compute(variables: dict) -> dict:
        images = jnp.zeros((1, *input_size, 3), jnp.uint8)
        return model.apply(variables, images, mutable=[COLLECTION])[1][COLLECTION]

    # What the images go through is dead code to the compiler; only the cached values remain.
    precomputed = jax.jit(compute)(variables)
    modules = {path[:-1] for path in flatten_dict(precomputed)}
    remaining = {}
    for path, leaf in flatten_dict(variables["params"]).items():
        # A value that a module has cached stands for its own parameters and for those below it.
        ancestors = [path[:depth] for depth in range(len(path))]
        if not any(ancestor in modules for ancestor in ancestors):
            remaining[path] = leaf
    return variables | {"params": unflatten_dict(remaining), COLLECTION: precomputed}

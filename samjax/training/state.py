"""All that training carries from one step to the next, and so all that a checkpoint holds."""

from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import numpy as np
import optax

from samjax.models import SAM
from samjax.parallel.processes import all_gather_objects

CHECKED = ("params", "batch_stats", "opt_state", "ema")
"""The parts of a state that must be finite."""


@flax.struct.dataclass
class TrainState:
    """The state of training. Everything is an array or a tree of arrays."""

    step: jax.Array  # also the position in the data and in the random streams
    params: Any
    batch_stats: Any
    opt_state: Any
    ema: Any  # moving average of {"params", "batch_stats"}, or {} where none is kept
    best: jax.Array  # the monitored validation score so far, larger is better
    best_step: jax.Array  # the step that had it


def create_state(
    model: SAM,
    tx: optax.GradientTransformation,
    key: jax.Array,
    input_size: tuple[int, int],
    keep_ema: bool,
) -> TrainState:
    """Return the state before the first step, a pure function of the key.

    Args:
        model: The network.
        tx: The optimiser.
        key: Of the parameters' random values.
        input_size: Height and width of an image; the parameters do not depend on it.
        keep_ema: Whether to keep a moving average of the parameters.
    """
    images = jnp.zeros((1, *input_size, 3), jnp.uint8)
    variables = model.init(key, images)
    learned = {"params": variables["params"], "batch_stats": variables.get("batch_stats", {})}
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=learned["params"],
        batch_stats=learned["batch_stats"],
        opt_state=tx.init(learned["params"]),
        ema=jax.tree.map(jnp.copy, learned) if keep_ema else {},
        best=jnp.full((), -jnp.inf, jnp.float32),
        best_step=jnp.zeros((), jnp.int32),
    )


def inference_variables(state: TrainState) -> dict:
    """Return the variables that predict best: the moving average, or else the parameters."""
    return state.ema or {"params": state.params, "batch_stats": state.batch_stats}


def not_finite(state: TrainState) -> str:
    """Return the name of a part of the state that has values that are not finite, "" if none has.

    All processes must call this, and get the same answer. `best` does not count: it is infinite
    until there was a validation.
    """
    parts = {name: _floats(getattr(state, name)) for name in CHECKED}
    first = next(leaf for leaves in parts.values() for leaf in leaves)
    if next(iter(first.devices())).platform != "cpu":
        # Nothing but the answer leaves the devices.
        finite = jax.device_get(_are_finite(parts))
        return next((name for name, is_finite in finite.items() if not is_finite), "")
    # The values are in the host's memory already, and NumPy has nothing to compile.
    found = next((name for name, leaves in parts.items() if not _are_finite_here(leaves)), "")
    return next(filter(None, all_gather_objects(found)), "")


def _floats(tree: Any) -> list[jax.Array]:
    return [leaf for leaf in jax.tree.leaves(tree) if jnp.issubdtype(leaf.dtype, jnp.inexact)]


@jax.jit
def _are_finite(parts: dict[str, list[jax.Array]]) -> dict[str, jax.Array]:
    return {
        name: jnp.array([jnp.isfinite(leaf).all() for leaf in leaves]).all()
        for name, leaves in parts.items()
    }


def _are_finite_here(leaves: list[jax.Array]) -> bool:
    """Return whether what this process has of some arrays is finite."""
    for leaf in leaves:
        shards = leaf.addressable_shards
        for shard in shards[:1] if leaf.is_fully_replicated else shards:
            if not np.isfinite(np.asarray(shard.data)).all():
                return False
    return True

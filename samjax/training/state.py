"""All that training carries from one step to the next, and so all that a checkpoint holds."""

from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import optax

from samjax.models import SAM


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

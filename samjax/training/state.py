"""All that training carries from one step to the next, and so all that a checkpoint holds."""

from typing import Any

import flax.struct
import jax
import jax.numpy as jnp
import optax

from samjax.models import SAM


@flax.struct.dataclass
class TrainState:
    """Everything is an array. The step is also the position in the data and the random stream.

    ema: exponential moving average of {"params", "batch_stats"}, or {} where none is kept.
    best, best_step: of the monitored validation score so far, larger is better.
    """

    step: jax.Array
    params: Any
    batch_stats: Any
    opt_state: Any
    ema: Any
    best: jax.Array
    best_step: jax.Array


def create_state(
    model: SAM,
    tx: optax.GradientTransformation,
    seed: int,
    input_size: tuple[int, int],
    keep_ema: bool,
) -> TrainState:
    """The state before the first step; a pure function of the seed."""
    images = jnp.zeros((1, *input_size, 3), jnp.uint8)
    variables = model.init(jax.random.key(seed), images)
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
    """What predicts best: the moving average where one is kept, else the parameters."""
    return state.ema or {"params": state.params, "batch_stats": state.batch_stats}

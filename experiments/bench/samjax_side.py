"""samjax as the benchmark runs it: prediction and the training step of `samjax.steps`."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from experiments.bench.case import Case, batch_of, samjax_model
from samjax import losses, steps
from samjax.models.prepared import prepare
from samjax.optimizer import make_optimizer, make_schedule
from samjax.state import TrainState, create_state

LEARNING_RATE = 1e-4


def predict(case: Case, variables: dict) -> Callable:
    model = samjax_model(case)
    apply = jax.jit(model.apply)
    variables = prepare(model, variables, case.input_size)
    images = jax.device_put(batch_of(case)["image"])

    def call():
        output = apply(variables, images)
        return {"saliency": output.saliency, "attention": output.attention}

    return call


def train_step(case: Case, variables: dict) -> Callable:
    """Each call is one more step; it gives the loss."""
    step, state = compiled_step(case), initial_state(case, variables)
    batch = jax.device_put(batch_of(case))

    def call():
        nonlocal state
        state, metrics = step(state, batch)
        jax.block_until_ready(state)
        total, count = metrics["loss"]
        return {"loss": total / count}

    return call


def compiled_step(case: Case):
    return jax.jit(
        partial(
            steps.train_step,
            model=samjax_model(case),
            tx=_optimizer(),
            weights=losses.Weights(),
            collapse_repeats=True,
            ema_decay=0.0,
            seed=0,
        ),
        donate_argnums=0,
    )


def initial_state(case: Case, variables: dict) -> TrainState:
    state = jax.eval_shape(
        lambda: create_state(samjax_model(case), _optimizer(), 0, case.input_size, False)
    )
    state = jax.tree.map(lambda leaf: jax.numpy.zeros(leaf.shape, leaf.dtype), state)
    stats = variables.get("batch_stats", {})
    learned = jax.device_put({"params": variables["params"], "batch_stats": stats})
    return state.replace(**jax.tree.map(jnp.copy, learned))


def _optimizer():
    return make_optimizer("rmsprop", make_schedule("constant", LEARNING_RATE, 1))

"""samjax as the benchmark runs it: prediction and the training step of `samjax.training.steps`."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import optax

from experiments.bench.case import NetworkCase, random_batch, samjax_model
from samjax.models.precompute import precompute
from samjax.training import losses, steps
from samjax.training.optimizer import make_optimizer, make_schedule
from samjax.training.state import TrainState, create_state

LEARNING_RATE = 1e-4


def predict(case: NetworkCase, variables: dict) -> Callable[[], dict[str, jax.Array]]:
    """Return the program of a prediction, which gives saliency and attention."""
    model = samjax_model(case)
    apply = jax.jit(model.apply)
    variables = precompute(model, variables, case.input_size)
    images = jax.device_put(random_batch(case)["image"])

    def call() -> dict[str, jax.Array]:
        output = apply(variables, images)
        return {"saliency": output.saliency, "attention": output.attention}

    return call


def train_step(case: NetworkCase, variables: dict) -> Callable[[], dict[str, jax.Array]]:
    """Return the program of a training step; each call is one more step and gives its loss."""
    step, state = compiled_step(case), initial_state(case, variables)
    batch = jax.device_put(random_batch(case))

    def call() -> dict[str, jax.Array]:
        nonlocal state
        state, metrics = step(state, batch)
        jax.block_until_ready(state)
        return {"loss": metrics.loss.total / metrics.loss.count}

    return call


def compiled_step(case: NetworkCase) -> Callable:
    """Return the compiled training step with the paper's loss and optimiser."""
    step = partial(
        steps.train_step,
        key=jax.random.key(0),
        model=samjax_model(case),
        tx=_optimizer(),
        loss=losses.LossOptions(collapse_repeats=True),
        ema_decay=0.0,
    )
    return jax.jit(step, donate_argnums=0)


def initial_state(case: NetworkCase, variables: dict) -> TrainState:
    """Return a state before the first step, with these variables."""
    # The state's own initialisation is not run, because its values are replaced all the same.
    model, key = samjax_model(case), jax.random.key(0)
    shapes = jax.eval_shape(
        lambda: create_state(model, _optimizer(), key, case.input_size, keep_ema=False)
    )
    state = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
    stats = variables.get("batch_stats", {})
    learned = jax.device_put({"params": variables["params"], "batch_stats": stats})
    # Copied, because the step gives its state's memory away and the variables serve others too.
    return state.replace(**jax.tree.map(jnp.copy, learned))


def _optimizer() -> optax.GradientTransformation:
    return make_optimizer("rmsprop", make_schedule("constant", LEARNING_RATE, 1))

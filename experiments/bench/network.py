"""The network: prediction and training step of the small SAM, by number of timesteps."""

import functools

import jax
import numpy as np

from configs import osie_small
from experiments.bench.timing import interleaved
from samjax import experiment, steps
from samjax.models.sam import map_size
from samjax.state import create_state, inference_variables

BATCH = 8


def measure(timesteps: tuple[int, ...] = (1, 2, 3, 4)) -> dict:
    """Seconds per batch of 8 for prediction and training, and each as a ratio to T = 1."""
    config = osie_small.get_config()
    results = {}
    for kind, program in (("predict", predict), ("train_step", train_step)):
        timed = interleaved({f"T={t}": program(config, t) for t in timesteps})
        base = timed[f"T={timesteps[0]}"]["median_s"]
        results[kind] = {
            name: row | {"ratio_to_first": row["median_s"] / base} for name, row in timed.items()
        }
    return {"config": "osie_small", "batch": BATCH} | results


def _built(config, timesteps: int):
    config.model.timesteps = timesteps
    model = experiment.build_model(config)
    tx = experiment.build_optimizer(config, experiment.build_plan(config, 500))
    state = create_state(model, tx, 0, config.data.input_size, keep_ema=False)
    return model, tx, state


def _batch(config, model) -> dict:
    rng = np.random.default_rng(0)
    size, grid = config.data.input_size, map_size(model, config.data.input_size)
    return {
        "image": rng.integers(0, 256, (BATCH, *size, 3)).astype(np.uint8),
        "density": rng.random((BATCH, *grid)).astype(np.float32),
        "fixations": rng.poisson(0.02, (BATCH, *grid)).astype(np.float32),
        "mask": np.ones((BATCH, *grid), bool),
        "index": np.arange(BATCH, dtype=np.int32),
    }


def predict(config, timesteps: int):
    model, _, state = _built(config, timesteps)
    batch, apply = _batch(config, model), jax.jit(model.apply)
    variables = inference_variables(state)
    return lambda: apply(variables, batch["image"]).saliency


def train_step(config, timesteps: int):
    model, tx, state = _built(config, timesteps)
    batch = _batch(config, model)
    step = jax.jit(
        functools.partial(
            steps.train_step,
            model=model,
            tx=tx,
            weights=experiment.build_weights(config),
            collapse_repeats=False,
            ema_decay=0.0,
            seed=0,
        )
    )
    return lambda: step(state, batch)[0].params

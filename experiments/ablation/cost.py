"""What a prediction costs, per setting: arithmetic, parameters, time and memory."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from ml_collections import ConfigDict

from experiments.bench.arithmetic import multiply_adds
from experiments.bench.timing import interleaved
from samjax.training import config as experiment

BATCH_SIZE = 8
ROUNDS = 5


def measure(configs: dict[str, ConfigDict], batch_size: int = BATCH_SIZE) -> dict[str, dict]:
    """Return what the prediction of one image costs, for the network of each config.

    Args:
        configs: The configs by the names of their settings.
        batch_size: Images that are predicted at once.

    Returns:
        For each setting {"multiply_adds", "parameters", "memory_bytes", "seconds", "batch"}. The
        first two are exact. Memory is what the compiled program holds at once, parameters
        included. Seconds are the median over calls in turn with the other settings, divided by the
        batch size, on this machine.
    """
    programs: dict[str, Callable] = {}
    costs: dict[str, dict[str, Any]] = {}
    for name, config in configs.items():
        programs[name], costs[name] = _compile(config, batch_size)
    timed = interleaved(programs, ROUNDS)
    for name, cost in costs.items():
        cost |= {"seconds": timed[name].median / batch_size, "batch": batch_size}
    return costs


def _compile(config: ConfigDict, batch_size: int) -> tuple[Callable, dict[str, Any]]:
    """Return a call of the compiled prediction, and what is known of it without a call."""
    model, size = experiment.build_model(config), tuple(config.data.input_size)
    images = np.random.default_rng(0).integers(0, 256, (batch_size, *size, 3), np.uint8)
    variables = jax.jit(model.init)(jax.random.key(0), images[:1])

    def predict(variables: dict, images: jax.Array) -> jax.Array:
        output: Any = model.apply(variables, images)
        return output.saliency

    compiled = jax.jit(predict).lower(variables, images).compile()
    memory: Any = compiled.memory_analysis()
    sizes = (memory.argument_size_in_bytes, memory.output_size_in_bytes, memory.temp_size_in_bytes)
    facts = {
        "multiply_adds": multiply_adds(predict, variables, images[:1]),
        "parameters": sum(leaf.size for leaf in jax.tree.leaves(variables["params"])),
        "memory_bytes": sum(sizes),
    }
    return lambda: compiled(variables, images), facts

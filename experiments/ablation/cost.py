"""What a prediction costs, per setting: arithmetic, parameters, time and memory."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from experiments.bench.arithmetic import multiply_adds
from experiments.bench.timing import interleaved
from samjax.models import SAM

BATCH_SIZE = 8
ROUNDS = 5


class Network(NamedTuple):
    """A network, and the height and width of its images."""

    model: SAM
    input_size: tuple[int, int]


def measure(networks: dict[str, Network], batch_size: int = BATCH_SIZE) -> dict[str, dict]:
    """Return what the prediction of one image costs, for each network.

    Args:
        networks: The networks by the names of their settings.
        batch_size: Images that are predicted at once.

    Returns:
        For each setting {"multiply_adds", "parameters", "memory_bytes", "seconds", "batch"}. The
        first two are exact. Memory is what the compiled program holds at once, parameters
        included. Seconds are the median over calls in turn with the other settings, divided by the
        batch size, on this machine.
    """
    programs: dict[str, Callable] = {}
    costs: dict[str, dict[str, Any]] = {}
    for name, network in networks.items():
        programs[name], costs[name] = _compile(network, batch_size)
    # In turn, so that a machine whose speed drifts slows all settings alike.
    timed = interleaved(programs, ROUNDS)
    for name, cost in costs.items():
        cost |= {"seconds": timed[name].median / batch_size, "batch": batch_size}
    return costs


def _compile(network: Network, batch_size: int) -> tuple[Callable, dict[str, Any]]:
    """Return a call of the compiled prediction, and what is known of it without a call."""
    model, size = network
    images = np.random.default_rng(0).integers(0, 256, (batch_size, *size, 3), np.uint8)
    # Random values: what a prediction costs does not depend on them.
    variables = jax.jit(model.init)(jax.random.key(0), images[:1])

    def predict(variables: dict, images: jax.Array) -> jax.Array:
        output: Any = model.apply(variables, images)
        return output.saliency

    # Compiled ahead, because only a compiled program knows how much memory it takes.
    compiled = jax.jit(predict).lower(variables, images).compile()
    memory: Any = compiled.memory_analysis()
    sizes = (memory.argument_size_in_bytes, memory.output_size_in_bytes, memory.temp_size_in_bytes)
    facts = {
        "multiply_adds": multiply_adds(predict, variables, images[:1]),
        "parameters": sum(leaf.size for leaf in jax.tree.leaves(variables["params"])),
        "memory_bytes": sum(sizes),
    }
    return lambda: compiled(variables, images), facts

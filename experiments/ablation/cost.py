"""What a prediction costs, per setting: arithmetic, parameters, time and memory."""

import jax
import numpy as np
from ml_collections import ConfigDict

from experiments.bench.arithmetic import multiply_adds
from experiments.bench.timing import interleaved
from samjax.training.config import build_model

BATCH, ROUNDS = 8, 5


def measure(configs: dict[str, ConfigDict], batch: int = BATCH) -> dict[str, dict]:
    """{label: cost}: of one image, in batches of `batch` on this machine.

    multiply_adds and parameters are exact; seconds is the median of calls in turn with the other
    settings; memory_bytes is what the compiled program holds at once, parameters included.
    """
    built = {label: _program(config, batch) for label, config in configs.items()}
    timed = interleaved({label: run for label, (run, _) in built.items()}, ROUNDS)
    return {
        label: {**facts, "seconds": timed[label].median / batch, "batch": batch}
        for label, (_, facts) in built.items()
    }


def _program(config: ConfigDict, batch: int):
    """(a call of the compiled prediction, what is known without running it)."""
    model, size = build_model(config), tuple(config.data.input_size)
    images = np.random.default_rng(0).integers(0, 256, (batch, *size, 3), np.uint8)
    variables = jax.jit(model.init)(jax.random.key(0), images[:1])

    def predict(variables, images):
        return model.apply(variables, images).saliency

    compiled = jax.jit(predict).lower(variables, images).compile()
    memory = compiled.memory_analysis()
    sizes = (memory.argument_size_in_bytes, memory.output_size_in_bytes, memory.temp_size_in_bytes)
    facts = {
        "multiply_adds": multiply_adds(predict, variables, images[:1]),
        "parameters": sum(leaf.size for leaf in jax.tree.leaves(variables["params"])),
        "memory_bytes": sum(sizes),
    }
    return (lambda: compiled(variables, images)), facts

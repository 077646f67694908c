"""How fast a model predicts on this machine, as a fact for its model card."""

import platform
import time
from typing import Any

import jax
import numpy as np

from samjax.parallel.cores import usable_cores
from samjax.prediction.predictor import Predictor

REPEATS = 10


def measure(model: Predictor, batch_sizes: tuple[int, ...] = (1, 8)) -> list[dict[str, Any]]:
    """Return how many images per second the network predicts, compiled and warm.

    Reading photographs and writing maps is not part of it.

    Args:
        model: The network.
        batch_sizes: How many images it takes at once.

    Returns:
        For each batch size `batch_size`, `images_per_second` (the median of several batches),
        `height` and `width` of the input, `device`, `processor`, `cores` and `jax`.
    """
    height, width = model.input_size
    rng = np.random.default_rng(0)
    rows = []
    for batch_size in batch_sizes:
        images = rng.integers(0, 256, (batch_size, height, width, 3), np.uint8)
        rate = batch_size / _median_seconds(model, images)
        row = {"batch_size": batch_size, "images_per_second": float(f"{rate:.3g}")}
        rows.append(row | {"height": height, "width": width, **machine()})
    return rows


def _median_seconds(model: Predictor, images: np.ndarray) -> float:
    """Return the median time of a batch, after the one that compiles."""
    jax.block_until_ready(model.predict_batch(images))
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        jax.block_until_ready(model.predict_batch(images))
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def machine() -> dict[str, Any]:
    """Return what the speed was measured on."""
    device = jax.devices()[0]
    return {
        "device": device.device_kind,
        "processor": _processor(),
        "cores": usable_cores(),
        "jax": jax.__version__,
    }


def _processor() -> str:
    """Return the name of the processor, or its instruction set where the system tells no name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.machine()

"""A batch on a CPU: each image by itself, several of them at the same time.

XLA divides every single product and convolution among the cores, which then wait for each other.
With another image at hand none needs to wait, and the memory is that of as many images as are under
way, where a program for a whole batch needs that of all.
"""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np

from samjax.models.output import SAMOutput
from samjax.parallel.cores import usable_cores
from samjax.prediction.executables import SMALL

LARGE_AT_ONCE = 2
"""Images of a large network, each of which takes hundreds of MiB."""


def images_at_once(parameters: int) -> int:
    """Return how many images a network of so many parameters takes at the same time."""
    cores = usable_cores()
    return cores if parameters <= SMALL else min(cores, LARGE_AT_ONCE)


def run_each(
    program: Callable[[jax.Array | np.ndarray], SAMOutput],
    images: jax.Array | np.ndarray,
    at_once: int,
) -> SAMOutput:
    """Return what a program gives for a batch, of which it is given one image at a time.

    Args:
        program: A function of one image [1, H, W, 3], which several threads call.
        images: The batch [B, H, W, 3].
        at_once: How many images are under way at the same time.
    """
    if len(images) == 1:
        return program(images)

    def run(index: int) -> SAMOutput:
        return jax.block_until_ready(program(images[index : index + 1]))

    with ThreadPoolExecutor(min(at_once, len(images))) as threads:
        outputs = list(threads.map(run, range(len(images))))
    joined = {
        field.name: np.concatenate([np.asarray(getattr(output, field.name)) for output in outputs])
        for field in dataclasses.fields(SAMOutput)
        if field.name != "priors" and getattr(outputs[0], field.name) is not None
    }
    # The priors are the same for every image.
    return dataclasses.replace(outputs[0], **jax.device_put(joined))

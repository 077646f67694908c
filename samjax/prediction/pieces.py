"""A batch on a CPU, a few images at a time.

A CPU's cores are busy with a single image, so that more of them at once only take more memory: what
the network computes of eight images does not fit into any cache.
"""

import dataclasses
from collections.abc import Callable

import jax
import numpy as np

from samjax.models.output import SAMOutput

AT_ONCE = 2
"""Images of a large network, whose products of matrices are still a bit faster for two."""


def run_in_pieces(
    program: Callable[[jax.Array | np.ndarray], SAMOutput],
    images: jax.Array | np.ndarray,
    at_once: int = AT_ONCE,
) -> SAMOutput:
    """Return what a program gives for a batch, of which it is given a few images at a time.

    Args:
        program: A function of images [B, H, W, 3], compiled for each B.
        images: The batch.
        at_once: How many images it is given; one at a time where the batch cannot be divided so.
    """
    size = at_once if len(images) % at_once == 0 else 1
    if len(images) <= size:
        return program(images)
    # One after the other, so that only one takes memory.
    outputs = [
        jax.block_until_ready(program(images[start : start + size]))
        for start in range(0, len(images), size)
    ]
    joined = {
        field.name: np.concatenate([np.asarray(getattr(output, field.name)) for output in outputs])
        for field in dataclasses.fields(SAMOutput)
        if field.name != "priors" and getattr(outputs[0], field.name) is not None
    }
    # The priors are the same for every image.
    return dataclasses.replace(outputs[0], **jax.device_put(joined))

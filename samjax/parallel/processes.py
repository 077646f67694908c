"""What several processes of one program tell each other, beside the arrays they share."""

import pickle
from typing import TypeVar

import jax
import numpy as np
from jax.experimental import multihost_utils

T = TypeVar("T")


def is_main_process() -> bool:
    """Return whether this process is the one that writes files and prints."""
    return jax.process_index() == 0


def all_gather_objects(value: T) -> list[T]:
    """Return every process's value, in the order of the processes.

    All processes must call this, and each waits for the others.

    Args:
        value: Anything that can be pickled.
    """
    if jax.process_count() == 1:
        return [value]
    # Only arrays travel between processes, so the pickle does as one of bytes.
    data = np.frombuffer(pickle.dumps(value), np.uint8)
    sizes = np.asarray(multihost_utils.process_allgather(np.array([data.size])))[:, 0]
    # Arrays that are gathered have one shape in all processes.
    padded = np.pad(data, (0, sizes.max() - data.size))
    rows = np.asarray(multihost_utils.process_allgather(padded))
    return [pickle.loads(row[:size].tobytes()) for row, size in zip(rows, sizes, strict=True)]

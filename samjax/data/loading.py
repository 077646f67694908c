"""Threads and worker processes that make batches ahead of their use, by grain."""

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import cv2
import grain
import numpy as np
from absl import flags

from samjax.parallel.stop_signals import SIGNALS
from samjax.parallel.watchdog import end_with_parent

Batch = dict[str, np.ndarray]
T = TypeVar("T")

BATCHES_AHEAD = 2
"""Finished batches that wait for their turn, in each worker and in the main process."""


def unchanged(batch: Batch) -> Any:
    """Return the batch itself, where it need not be placed on devices."""
    return batch


def read_ahead(
    data: grain.MapDataset,
    num_threads: int,
    num_workers: int,
    place: Callable[[Batch], T] = unchanged,
) -> Iterator[T]:
    """Iterate over a dataset of batches, which are made ahead of their turn, in its order.

    Args:
        data: The batches.
        num_threads: Threads that make batches, in each process; with 0 nothing is read ahead by
            grain's reader.
        num_workers: Processes that make batches; 0 for the threads of this one.
        place: Called on each batch ahead of its turn, in a thread: it may put it on devices.
    """
    cv2.setNumThreads(0)  # the loader's threads are the parallelism
    options = grain.ReadOptions(
        num_threads=num_threads, prefetch_buffer_size=2 * num_threads if num_threads else 0
    )
    stream = data.to_iter_dataset(options)
    if num_workers:
        if not flags.FLAGS.is_parsed():
            flags.FLAGS.mark_as_parsed()  # grain's workers pass absl's flags on
        workers = grain.MultiprocessingOptions(
            num_workers=num_workers, per_worker_buffer_size=BATCHES_AHEAD
        )
        stream = stream.mp_prefetch(workers, worker_init_fn=_start_worker)
    placed = stream.map(place)
    return iter(
        grain.experimental.ThreadPrefetchIterDataset(placed, prefetch_buffer_size=BATCHES_AHEAD)
    )


def _start_worker(worker_index: int, worker_count: int) -> None:
    """Prepare a worker process; grain calls this in it, with its number among the others."""
    del worker_index, worker_count
    os.environ["JAX_PLATFORMS"] = "cpu"  # a worker must not take the accelerator
    cv2.setNumThreads(0)
    # Ctrl-C and a scheduler's signals come to all processes. The trainer needs batches until it has
    # saved, and then ends its workers itself.
    for signum in SIGNALS:
        signal.signal(signum, signal.SIG_IGN)
    end_with_parent(os.getppid())  # or it would outlive a killed trainer

"""Sources -> batches, by grain. The step number alone is the position in the data.

The order (seed, shuffle and repeat per source, mix, decode, augment, slice of the process, batch,
slice of the steps) makes batch number k the same whatever the threads, workers and restarts, and
makes all processes together see what one process would see. Each element's randomness is drawn
from its own generator, which grain derives from the seed and the element's position.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import grain
import numpy as np
from absl import flags

from samjax.data.example import Example
from samjax.data.sources import Source
from samjax.data.transforms import Augment, Render, Size, TrainTransform, decode
from samjax.errors import UserError

Batch = dict[str, np.ndarray]


def train_batches(
    sources: Sequence[Source],
    weights: Sequence[float] | None = None,
    *,
    batch_size: int,
    input_size: Size,
    map_size: Size,
    seed: int = 0,
    start_step: int = 0,
    augment: Augment | None = None,
    process_index: int = 0,
    process_count: int = 1,
    num_threads: int = 2,
    num_workers: int = 0,
    durations: Sequence[float] = (),
) -> Iterator[Batch]:
    """Endless batches of a weighted mix of sources, from number `start_step` on.

    `batch_size` is this process's share. With `num_workers`, so many processes make the batches,
    with `num_threads` each. `durations`: see `Render`.
    """
    data = _mixed(sources, weights, seed).map(decode)
    render = Render(tuple(input_size), tuple(map_size), tuple(durations))
    data = data.random_map(TrainTransform(render, augment or Augment()))
    data = data[process_index::process_count].batch(batch_size, drop_remainder=True)
    return _stream(data[start_step:], num_threads, num_workers)


def eval_batches(
    source: Source,
    *,
    batch_size: int,
    input_size: Size,
    map_size: Size,
    process_index: int = 0,
    process_count: int = 1,
    num_threads: int = 2,
    num_workers: int = 0,
    durations: Sequence[float] = (),
) -> Iterator[Batch]:
    """Every example once, letterboxed, in order. The last batches are filled up with blank
    elements (index -1), so that every process gets the same number of full batches."""
    together = batch_size * process_count
    length = -(-len(source) // together) * together
    render = Render(tuple(input_size), tuple(map_size), tuple(durations))
    data = grain.MapDataset.source(_Indexed(source, length=length)).map(decode)
    data = data.map(render.letterboxed)[process_index::process_count]
    return _stream(data.batch(batch_size, drop_remainder=True), num_threads, num_workers)


@dataclass(frozen=True)
class _Indexed:
    """(index, example) of a source; None instead of an example beyond its end."""

    source: Source
    length: int
    offset: int = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, i: int) -> tuple[int, Example | None]:
        if i >= len(self.source):
            return -1, None
        return self.offset + int(i), self.source[i]


def _mixed(sources: Sequence[Source], weights: Sequence[float] | None, seed: int):
    """An endless shuffled stream; a weight is a source's share of the examples."""
    weights = [1.0] * len(sources) if weights is None else list(weights)
    if not sources or len(weights) != len(sources) or min(weights) <= 0:
        raise UserError(f"weights {weights} do not give each of {len(sources)} sources one above 0")
    streams, offset = [], 0
    for position, source in enumerate(sources):
        if not len(source):
            raise UserError(f"{source} is empty; choose a larger slice")
        # Sources of equal length would be shuffled alike by one seed.
        own_seed = int(np.random.SeedSequence([seed, position]).generate_state(1)[0])
        indexed = _Indexed(source, len(source), offset)
        streams.append(grain.MapDataset.source(indexed).seed(own_seed).shuffle().repeat())
        offset += len(source)
    mixed = streams[0] if len(streams) == 1 else grain.MapDataset.mix(streams, weights)
    return mixed.seed(seed)


def _stream(data: grain.MapDataset, num_threads: int, num_workers: int) -> Iterator[Batch]:
    cv2.setNumThreads(0)  # the loader's threads are the parallelism
    options = grain.ReadOptions(
        num_threads=num_threads, prefetch_buffer_size=2 * num_threads if num_threads else 0
    )
    stream = data.to_iter_dataset(options)
    if num_workers:
        if not flags.FLAGS.is_parsed():
            flags.FLAGS.mark_as_parsed()  # grain's workers pass absl's flags on
        workers = grain.MultiprocessingOptions(num_workers=num_workers, per_worker_buffer_size=2)
        stream = stream.mp_prefetch(workers, worker_init_fn=_start_worker)
    return iter(stream)


def _start_worker(worker_index: int, worker_count: int):
    del worker_index, worker_count
    os.environ["JAX_PLATFORMS"] = "cpu"  # a worker must not take the accelerator
    cv2.setNumThreads(0)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int):
    """Ends this process when its parent is gone; workers would outlive a killed trainer."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)

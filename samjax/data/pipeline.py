"""Sources -> batches, by grain. The step number alone is the position in the data.

The order (seed, shuffle and repeat per source, mix, decode, augment, slice of the process, batch,
slice of the steps) makes batch number k the same whatever the threads, workers and restarts, and
makes all processes together see what one process would see. Each element's randomness is drawn
from its own generator, which grain derives from the seed and the element's position.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

import cv2
import grain
import numpy as np
from absl import flags

from samjax.data.canvas import Canvas, by_canvas
from samjax.data.decoding import DecodedSource, Reduction
from samjax.data.sources import Source
from samjax.data.transforms import Augment, Render, TrainTransform
from samjax.errors import UserError
from samjax.parallel.watchdog import end_with_parent

Batch = dict[str, np.ndarray]
T = TypeVar("T")


def train_batches(
    sources: Sequence[Source],
    weights: Sequence[float] | None = None,
    *,
    batch_size: int,
    canvases: Sequence[Canvas],
    seed: int = 0,
    start_step: int = 0,
    augment: Augment | None = None,
    process_index: int = 0,
    process_count: int = 1,
    num_threads: int = 2,
    num_workers: int = 0,
    durations: Sequence[float] = (),
    reduced: bool = True,
    cache_mib: float = 0.0,
    place: Callable[[Batch], T] = lambda batch: batch,
) -> Iterator[T]:
    """Endless batches of a weighted mix of sources, from number `start_step` on.

    `batch_size` is this process's share. Each batch has one of the `canvases`, drawn by how many
    images take it. With `num_workers`, so many processes make the batches, with `num_threads` each.
    `durations`: see `Render`. `reduced`: JPEGs are decoded no larger than needed, see `Reduction`;
    `cache_mib`: see `DecodedSource`, divided among the sources. `place` is called on each batch
    ahead of its turn, in a thread: it may put it on devices.
    """
    augment, weights = augment or Augment(), _checked(sources, weights)
    taken = [by_canvas(source, canvases) for source in sources]
    streams, shares = [], []
    for number, canvas in enumerate(canvases):
        reduction = Reduction(canvas.input, augment.crop, augment.zoom[1]) if reduced else None
        decoded, parts = [], []
        for indices, source, offset, weight in zip(
            taken, sources, _offsets(sources), weights, strict=True
        ):
            if indices[number]:
                share = len(indices[number]) / len(source)
                memory = cache_mib * share / len(sources)
                decoded.append(DecodedSource(source, indices[number], offset, reduction, memory))
                parts.append(weight * share)
        if decoded:
            data = _mixed(decoded, parts, (seed, number))
            data = data.random_map(TrainTransform(Render(*canvas, tuple(durations)), augment))
            data = data[process_index::process_count]
            streams.append(data.batch(batch_size, drop_remainder=True))
            shares.append(sum(parts))
    data = streams[0] if len(streams) == 1 else grain.MapDataset.mix(streams, shares)
    return _stream(data[start_step:], num_threads, num_workers, place)


def eval_batches(
    source: Source,
    *,
    batch_size: int,
    canvases: Sequence[Canvas],
    process_index: int = 0,
    process_count: int = 1,
    num_threads: int = 2,
    num_workers: int = 0,
    durations: Sequence[float] = (),
) -> Iterator[Batch]:
    """Every example once, letterboxed, in order within its frame, one frame after the other. A
    frame's last batches are filled up with blank elements (index -1), so that every process gets
    the same number of full batches."""
    for canvas, indices in zip(canvases, by_canvas(source, canvases), strict=True):
        if not indices:
            continue
        together = batch_size * process_count
        length = -(-len(indices) // together) * together
        data = grain.MapDataset.source(DecodedSource(source, indices, length=length))
        data = data.map(Render(*canvas, tuple(durations)).letterboxed)
        data = data[process_index::process_count].batch(batch_size, drop_remainder=True)
        yield from _stream(data, num_threads, num_workers)


def _checked(sources: Sequence[Source], weights: Sequence[float] | None) -> list[float]:
    """A weight for each source."""
    weights = [1.0] * len(sources) if weights is None else list(weights)
    if not sources or len(weights) != len(sources) or min(weights) <= 0:
        raise UserError(f"weights {weights} do not give each of {len(sources)} sources one above 0")
    for source in sources:
        if not len(source):
            raise UserError(f"{source} is empty; choose a larger slice")
    return weights


def _offsets(sources: Sequence[Source]) -> list[int]:
    """The position of each source's first example in all of them, one after the other."""
    return list(accumulate((len(source) for source in sources[:-1]), initial=0))


def _mixed(sources: Sequence[DecodedSource], weights: Sequence[float], seed: tuple[int, ...]):
    """An endless shuffled stream; a weight is a source's share of the examples."""
    streams = []
    for position, source in enumerate(sources):
        # Sources of equal length would be shuffled alike by one seed.
        own_seed = _drawn((*seed, position))
        streams.append(grain.MapDataset.source(source).seed(own_seed).shuffle().repeat())
    mixed = streams[0] if len(streams) == 1 else grain.MapDataset.mix(streams, weights)
    return mixed.seed(_drawn(seed))


def _drawn(seed: tuple[int, ...]) -> int:
    return int(np.random.SeedSequence(seed).generate_state(1)[0])


def _stream(
    data: grain.MapDataset,
    num_threads: int,
    num_workers: int,
    place: Callable[[Batch], T] = lambda batch: batch,
) -> Iterator[T]:
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
    return iter(
        grain.experimental.ThreadPrefetchIterDataset(stream.map(place), prefetch_buffer_size=2)
    )


def _start_worker(worker_index: int, worker_count: int):
    del worker_index, worker_count
    os.environ["JAX_PLATFORMS"] = "cpu"  # a worker must not take the accelerator
    cv2.setNumThreads(0)
    end_with_parent(os.getppid())

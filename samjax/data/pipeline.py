"""From sources to batches, by grain. The step number alone is the position in the data.

The order of the operations is: shuffle and repeat each source by the seed, mix the sources, decode,
augment, take this process's slice, make batches, start at the asked step. It makes batch number k
the same whatever the threads, the workers and the restarts, and all processes together see what one
process would see. Each element's randomness is drawn from a generator of its own, which grain
derives from the seed and the element's position.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

import grain

from samjax.data.canvas import Canvas, by_canvas
from samjax.data.decoding import DecodedSource, Reduction
from samjax.data.example import Examples
from samjax.data.loading import Batch, read_ahead, unchanged
from samjax.data.rendering import Render
from samjax.data.stored_features import StoredFeatures
from samjax.data.streams import check_weights, mix, mix_streams
from samjax.data.transforms import Augment
from samjax.data.views import training_transform

T = TypeVar("T")


def train_batches(
    sources: Sequence[Examples],
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
    viewing_times_ms: Sequence[float] = (),
    reduced: bool = True,
    cache_mib: float = 0.0,
    stored: Sequence[Sequence[StoredFeatures | None]] = (),
    place: Callable[[Batch], T] = unchanged,
) -> Iterator[T]:
    """Iterate without end over batches of a weighted mix of sources.

    Each batch is of one canvas, drawn in proportion to the images that the canvas takes.

    Args:
        sources: The datasets.
        weights: How often each of them is drawn, relative to the others; None for equally.
        batch_size: Examples per batch of this process.
        canvases: On which the images are shown, each on the one of the nearest aspect.
        seed: Of the order and of all random changes.
        start_step: The number of the first batch.
        augment: Random changes; None for none.
        process_index: The number of this process among `process_count`.
        process_count: Processes that share the data.
        num_threads: Threads that make batches, in each process that does.
        num_workers: Processes that make batches; 0 for the threads of this one.
        viewing_times_ms: One for each timestep, see `Render`; empty for none.
        reduced: Whether JPEGs are decoded no larger than needed, see `Reduction`.
        cache_mib: MiB of decoded images to keep in memory, divided among the sources.
        stored: For each canvas, the features of the images that it takes from each source; empty
            where none are stored.
        place: Called on each batch ahead of its turn, in a thread: it may put it on devices.

    Yields:
        Arrays [batch_size, ...] as in `rendering.Element`, or what `place` makes of them.

    Raises:
        UserError: A source is empty, or the weights do not fit the sources.
    """
    weights = check_weights(sources, weights)
    augment = augment or Augment()
    indices = [by_canvas(source, canvases) for source in sources]
    streams, stream_weights = [], []
    for number, canvas in enumerate(canvases):
        reduction = Reduction(canvas.input, augment.crop, augment.zoom[1]) if reduced else None
        canvas_indices = [of_source[number] for of_source in indices]
        features = stored[number] if stored else [None] * len(sources)
        parts, part_weights = _parts(
            sources, weights, canvas_indices, features, reduction, cache_mib
        )
        if not parts:  # no image is shown on this canvas
            continue
        data = mix(parts, part_weights, (seed, number))
        render = Render(canvas.input, canvas.map, tuple(viewing_times_ms))
        data = data.random_map(training_transform(render, augment))
        # Sliced after the random map: an element's generator depends on its place in the whole.
        data = data[process_index::process_count]
        streams.append(data.batch(batch_size, drop_remainder=True))
        stream_weights.append(sum(part_weights))
    # Whole batches are mixed, because one batch has one shape.
    batches = mix_streams(streams, stream_weights)
    return read_ahead(batches[start_step:], num_threads, num_workers, place)


def eval_batches(
    source: Examples,
    *,
    batch_size: int,
    canvases: Sequence[Canvas],
    process_index: int = 0,
    process_count: int = 1,
    num_threads: int = 2,
    num_workers: int = 0,
    viewing_times_ms: Sequence[float] = (),
    stored: Sequence[StoredFeatures | None] = (),
) -> Generator[Batch]:
    """Iterate over every example once, letterboxed: one canvas after the other, each in order.

    The last batches of a canvas are filled up with blank elements (index -1), so that every process
    gets the same number of full batches.

    Args:
        source: The dataset.
        batch_size: As of `train_batches`.
        canvases: As of `train_batches`.
        process_index: As of `train_batches`.
        process_count: As of `train_batches`.
        num_threads: As of `train_batches`.
        num_workers: As of `train_batches`.
        viewing_times_ms: As of `train_batches`.
        stored: For each canvas, the features of the images that it takes.

    Yields:
        Arrays [batch_size, ...] as in `rendering.Element`.
    """
    features = stored or [None] * len(canvases)
    parts = zip(canvases, by_canvas(source, canvases), features, strict=True)
    for canvas, indices, part in parts:
        if not indices:
            continue
        # Rounded up to whole batches of all processes; the source gives empty examples there.
        together = batch_size * process_count
        length = -(-len(indices) // together) * together
        data = grain.MapDataset.source(DecodedSource(source, indices, length=length, stored=part))
        data = data.map(Render(canvas.input, canvas.map, tuple(viewing_times_ms)).letterboxed)
        data = data[process_index::process_count].batch(batch_size, drop_remainder=True)
        yield from read_ahead(data, num_threads, num_workers)


def _parts(
    sources: Sequence[Examples],
    weights: Sequence[float],
    indices: Sequence[Sequence[int]],
    features: Sequence[StoredFeatures | None],
    reduction: Reduction | None,
    cache_mib: float,
) -> tuple[list[DecodedSource], list[float]]:
    """Return the parts of the sources that one canvas takes, and their weights.

    Args:
        sources: All sources.
        weights: Of the whole sources; a part has the weight of its fraction.
        indices: Which images of each source the canvas takes; a source may have none.
        features: Of these images, where they are stored.
        reduction: How far JPEGs may be reduced for the canvas.
        cache_mib: Of all sources on all canvases.
    """
    parts, part_weights = [], []
    # The position of each source's first example in all of them, one after the other.
    offsets = accumulate((len(source) for source in sources[:-1]), initial=0)
    whole = zip(sources, weights, indices, offsets, features, strict=True)
    for source, weight, taken, offset, stored in whole:
        if taken:
            fraction = len(taken) / len(source)
            # Memory is divided equally among the sources, and a source's among its canvases.
            memory = cache_mib * fraction / len(sources)
            parts.append(DecodedSource(source, taken, offset, reduction, memory, stored=stored))
            part_weights.append(weight * fraction)
    return parts, part_weights

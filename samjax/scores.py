"""Scores a stream of images, each with one or more maps, at the images' own sizes.

Images come one by one from an iterator and go into shared size buckets, padded and masked, so that
a few compiled shapes serve all sizes. No metric here asks where a pixel lies, so an image's pixels
are laid out in rows of one width, and images of equal area share a bucket whatever their shape.
Memory is bounded by the batches of the buckets that are open, whatever the number of images.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import jax
import numpy as np

from samjax.errors import UserError
from samjax.metrics import compute, metric_names
from samjax.metrics.conventions import fixated_limit

BATCH_PIXELS = 2**21
MAX_BATCH = 16
MAX_OPEN_PIXELS = 2**24  # all buckets together
ROW = 256


class Case(NamedTuple):
    """One image to be scored.

    maps: name of a method -> its map [H, W]; counts [H, W]: fixations per pixel;
    density [H, W]: empirical density, any sum; all of the image's original size.
    """

    image_id: str
    maps: dict[str, np.ndarray]
    counts: np.ndarray
    density: np.ndarray


class Scores(NamedTuple):
    """image_ids [N] in the order of the stream; values: method -> metric -> [N] float64, nan: none.

    not_finite: (image_id, method) of maps with nan or infinity, which have no score.
    """

    image_ids: list[str]
    values: dict[str, dict[str, np.ndarray]]
    not_finite: list[tuple[str, str]]


def score(cases: Iterable[Case], convention: str) -> Scores:
    """Scores every case; every case must have the same methods. UserError: sizes differ."""
    names = metric_names(convention)
    ids: list[str] = []
    bad: list[tuple[str, str]] = []
    rows: dict[str, list[list[float]]] = {}
    for batch in _batches(_checked(cases, ids, bad)):
        for method, scored in _score_batch(batch, convention).items():
            column = rows.setdefault(method, [])
            column.extend([[np.nan] * len(names)] * (len(ids) - len(column)))
            for k, (index, _) in enumerate(batch):
                column[index] = [float(scored[name][k]) for name in names]
    values = {
        method: dict(zip(names, np.asarray(column, np.float64).T, strict=True))
        for method, column in rows.items()
    }
    return Scores(ids, values, bad)


def bucket_size(pixels: int) -> int:
    """The padded number of pixels that an image shares with others: 2^k or 1.5 * 2^k, k >= 12."""
    power = 1 << max((pixels - 1).bit_length(), 12)
    return power * 3 // 4 if pixels <= power * 3 // 4 and power > 2**12 else power


def _checked(cases: Iterable[Case], ids: list, bad: list) -> Iterator[tuple[int, Case]]:
    """Numbers the cases, notes their ids and the maps that are not finite."""
    for index, case in enumerate(cases):
        ids.append(case.image_id)
        for method, saliency in case.maps.items():
            if saliency.shape != case.counts.shape:
                raise UserError(
                    f"{case.image_id}: the map of {method} is {saliency.shape}, the image is "
                    f"{case.counts.shape} (height, width); resize the map to the image"
                )
            if not np.isfinite(saliency).all():
                bad.append((case.image_id, method))
        yield index, case


def _batches(cases: Iterable[tuple[int, Case]]) -> Iterator[list[tuple[int, Case]]]:
    """Groups cases of one bucket; the bucket that holds most goes early when memory is short."""
    buckets: dict[int, list[tuple[int, Case]]] = {}
    for index, case in cases:
        size = bucket_size(case.counts.size)
        buckets.setdefault(size, []).append((index, case))
        if len(buckets[size]) == _batch_size(size):
            yield buckets.pop(size)
        elif sum(size * len(batch) for size, batch in buckets.items()) > MAX_OPEN_PIXELS:
            yield buckets.pop(max(buckets, key=lambda size: size * len(buckets[size])))
    yield from buckets.values()


def _batch_size(size: int) -> int:
    return int(np.clip(BATCH_PIXELS // size, 1, MAX_BATCH))


def _score_batch(batch: list[tuple[int, Case]], convention: str) -> dict[str, dict]:
    """method -> metric -> [B] for the cases of one bucket."""
    cases = [case for _, case in batch]
    size = bucket_size(cases[0].counts.size)
    frame = (_batch_size(size), size // ROW, ROW)
    mask = _stack([np.ones(case.counts.shape, bool) for case in cases], frame, bool)
    counts = _stack([case.counts for case in cases], frame)
    limit = fixated_limit(counts)
    truth = jax.device_put((counts, _stack([case.density for case in cases], frame), mask))
    return {
        method: jax.device_get(
            compute(convention, _stack([c.maps[method] for c in cases], frame), *truth, limit=limit)
        )
        for method in cases[0].maps
    }


def _stack(maps: list[np.ndarray], frame: tuple[int, int, int], dtype=np.float32) -> np.ndarray:
    """The pixels of maps [H, W] of several sizes, at the start of the rows of a zero batch."""
    batch = np.zeros((frame[0], frame[1] * frame[2]), dtype)
    for row, image in zip(batch, maps, strict=False):
        row[: image.size] = image.ravel()
    return batch.reshape(frame)

"""Photographs read ahead of the network, and gathered into batches of one shape."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.prediction.outputs import DRAWN_ON, Outputs
from samjax.prediction.photo import read_pixels
from samjax.prediction.predictor import Predictor


class LoadedPhoto(NamedTuple):
    """A photograph that is ready for the network.

    Attributes:
        outputs: The files to write.
        size: Height and width of the photograph.
        canvas: The photograph on its canvas, RGB uint8 [H, W, 3].
        image: The photograph itself, only if something is drawn on it.
    """

    outputs: Outputs
    size: tuple[int, int]
    canvas: np.ndarray
    image: np.ndarray | None


def read_ahead(
    pool: ThreadPoolExecutor, plans: Sequence[Outputs], model: Predictor, ahead: int
) -> Iterator[tuple[Path, Future]]:
    """Yield each photograph's path and the future `LoadedPhoto`, at most `ahead` under way."""
    waiting = iter(plans)
    under_way: deque[tuple[Path, Future]] = deque()
    for plan in islice(waiting, ahead):
        under_way.append((plan.photo, pool.submit(_load, plan, model)))
    while under_way:
        yield under_way.popleft()
        for plan in islice(waiting, 1):
            under_way.append((plan.photo, pool.submit(_load, plan, model)))


def _load(plan: Outputs, model: Predictor) -> LoadedPhoto:
    """Read a photograph and put it on its canvas."""
    image = read_pixels(plan.photo)
    height, width = image.shape[:2]
    is_drawn_on = any(kind in DRAWN_ON for kind, _ in plan.files)
    return LoadedPhoto(
        plan, (height, width), model.to_canvas(image), image if is_drawn_on else None
    )


def same_shape(photos: Iterable[LoadedPhoto], size: int) -> Iterator[list[LoadedPhoto]]:
    """Yield batches of up to `size` photographs whose canvases have the same shape."""
    waiting: dict[tuple[int, ...], list[LoadedPhoto]] = {}
    for photo in photos:
        batch = waiting.setdefault(photo.canvas.shape, [])
        batch.append(photo)
        if len(batch) == size:
            yield waiting.pop(photo.canvas.shape)
    yield from waiting.values()


def pad_batch(canvases: list[np.ndarray], size: int) -> np.ndarray:
    """Stack canvases to uint8 [size, H, W, 3], with blank ones behind the last."""
    batch = np.zeros((size, *canvases[0].shape), np.uint8)
    batch[: len(canvases)] = canvases
    return batch

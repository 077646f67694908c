"""Photographs read ahead of the network, and gathered into batches of one shape."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.data.image_headers import image_header
from samjax.data.images import read_photo
from samjax.data.orientation import exchanges_sides
from samjax.errors import UserError
from samjax.files.limits import LARGE_PIXELS
from samjax.prediction.outputs import DRAWN_ON, Outputs
from samjax.prediction.predictor import Predictor

MAX_DECODED = 2**26
"""A JPEG of more pixels is drawn down while it is decoded, unless something is drawn on it."""


class ReadOptions(NamedTuple):
    """How photographs are read.

    Attributes:
        max_pixels: How many pixels one may have; None for the usual limit.
        upright: Whether they are turned as their EXIF data say.
    """

    max_pixels: int | None = None
    upright: bool = True


AS_SEEN = ReadOptions()


class LoadedPhoto(NamedTuple):
    """A photograph that is ready for the network.

    Attributes:
        outputs: The files to write.
        size: Height and width of the photograph.
        canvas: The photograph on its canvas, RGB uint8 [H, W, 3].
        image: The photograph itself, if something is drawn on it and it is not large.
    """

    outputs: Outputs
    size: tuple[int, int]
    canvas: np.ndarray
    image: np.ndarray | None


def read_ahead(
    pool: ThreadPoolExecutor,
    plans: Sequence[Outputs],
    model: Predictor,
    ahead: int,
    options: ReadOptions = AS_SEEN,
) -> Iterator[tuple[Path, Future]]:
    """Yield each photograph's path and the future `LoadedPhoto`, at most `ahead` under way."""
    waiting = iter(plans)
    under_way: deque[tuple[Path, Future]] = deque()
    for plan in islice(waiting, ahead):
        under_way.append((plan.photo, pool.submit(load_photo, plan, model, options)))
    while under_way:
        yield under_way.popleft()
        for plan in islice(waiting, 1):
            under_way.append((plan.photo, pool.submit(load_photo, plan, model, options)))


def load_photo(plan: Outputs, model: Predictor, options: ReadOptions = AS_SEEN) -> LoadedPhoto:
    """Read a photograph and put it on its canvas.

    Raises:
        UserError: It cannot be read.
    """
    path, drawn_on = plan.photo, any(kind in DRAWN_ON for kind, _ in plan.files)
    try:
        size, orientation = image_header(path, options.max_pixels)
    except UserError as error:
        raise UserError(f"{path}: cannot be read as an image ({error})") from error
    if options.upright and exchanges_sides(orientation):
        size = size[::-1]
    pixels, divisor = size[0] * size[1], 1
    while not drawn_on and divisor < 8 and pixels // divisor**2 > MAX_DECODED:
        divisor *= 2
    image = read_photo(path, options.max_pixels, divisor=divisor, upright=options.upright)
    keeps = drawn_on and pixels <= LARGE_PIXELS
    return LoadedPhoto(plan, size, model.to_canvas(image), image if keeps else None)


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

"""Runs a model over photographs and writes their saliency maps at the photographs' own sizes.

Threads read and letterbox photographs ahead of the device, and write maps behind it. Every batch
has one frame's shape (the last one is filled up with blank frames), so few compilations serve all.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from samjax.data.images import read_photo
from samjax.errors import UserError
from samjax.prediction.outputs import Outputs, find_photos, plan_outputs, write_outputs
from samjax.prediction.postprocess import to_original

log = logging.getLogger(__name__)


@dataclass
class Prediction:
    """What was written, and what failed: (path of the image, one line that says why)."""

    written: list[Path] = field(default_factory=list)
    failed: list[tuple[Path, str]] = field(default_factory=list)


class _Loaded(NamedTuple):
    """A photograph ready for the network: frame uint8 [H, W, 3]; image only if it is drawn on."""

    outputs: Outputs
    size: tuple[int, int]
    canvas: np.ndarray
    image: np.ndarray | None


def predict_last(model, images: np.ndarray, timesteps: int | None = None) -> np.ndarray:
    """The model's maps in its frame, float32 [B, h, w], for images uint8 [B, H, W, 3].

    A density model's map is its density (the exponential of the log-density, sum 1), another's
    its saliency.
    """
    output = model(images, timesteps=timesteps)
    maps = jnp.exp(output.log_density) if model.density else output.saliency
    return np.asarray(jax.device_get(maps), np.float32)


def predict_timesteps(model, images: np.ndarray, steps: Sequence[int]) -> np.ndarray:
    """The maps after each of these timesteps, [B, S, h, w], from one pass; see `predict_last`."""
    output = model(images, timesteps=max(steps), all_timesteps=True)
    maps = jnp.exp(output.timestep_log_density) if model.density else output.timestep_saliency
    return np.asarray(jax.device_get(maps[:, np.array(steps) - 1]), np.float32)


def predict_paths(
    model,
    paths: Sequence[str | Path],
    output: str | Path,
    *,
    kinds: Sequence[str] = ("npy",),
    postprocess: str = "none",
    timesteps: int | None = None,
    all_timesteps: bool = False,
    batch_size: int = 8,
    num_threads: int = 4,
    on_done: Callable[[Path], None] = lambda photo: None,
) -> Prediction:
    """Predicts images and folders of images; unreadable ones are reported, the rest is written.

    kinds: 'npy' (float32), 'png16', 'png8', 'heatmap', 'overlay'; the names of files are those of
    `plan_outputs`. every_step: the map after each timestep t, under names with `_t` and its number,
    in place of the last one's. on_done is called with each photograph's path, written or failed.
    """
    steps = range(1, (timesteps or model.sam.timesteps) + 1) if all_timesteps else ()
    suffixes = [f"_t{t}" for t in steps] or [""]
    plans = plan_outputs(find_photos(paths, Path(output)), Path(output), kinds, suffixes)
    result = Prediction()
    with ThreadPoolExecutor(num_threads) as pool:
        canvases = _read_ahead(pool, plans, model, batch_size + num_threads)
        writing: deque = deque()
        for batch in _by_shape(_readable(canvases, result, on_done), batch_size):
            images = _pad_batch([on_canvas.canvas for on_canvas in batch], batch_size)
            if all_timesteps:
                maps = predict_timesteps(model, images, steps)
            else:
                maps = predict_last(model, images, timesteps)[:, None]
            for on_canvas, saliency in zip(batch, maps, strict=False):
                named = dict(zip(suffixes, saliency, strict=True))
                work = pool.submit(_write, on_canvas, named, model.density, postprocess)
                writing.append((on_canvas.outputs, work))
            while len(writing) > batch_size:
                _collect(*writing.popleft(), result, on_done)
        while writing:
            _collect(*writing.popleft(), result, on_done)
    return result


def _read_ahead(
    pool: ThreadPoolExecutor, plans: Sequence[Outputs], model, ahead: int
) -> Iterator[tuple[Outputs, Future]]:
    """Yields (plan, future of its frame) in order, at most `ahead` of them under way."""
    waiting = iter(plans)
    under_way: deque = deque()
    for plan in islice(waiting, ahead):
        under_way.append((plan, pool.submit(_load, plan, model)))
    while under_way:
        yield under_way.popleft()
        for plan in islice(waiting, 1):
            under_way.append((plan, pool.submit(_load, plan, model)))


def _load(plan: Outputs, model) -> _Loaded:
    image = read_photo(plan.photo)
    height, width = image.shape[:2]
    canvas = model.to_canvas(image)
    drawn_on = any(kind == "overlay" for kind, _ in plan.files)
    return _Loaded(plan, (height, width), canvas, image if drawn_on else None)


def _readable(canvases: Iterable, result: Prediction, on_done: Callable) -> Iterator[_Loaded]:
    """The frames that could be read; the others are noted as failed."""
    for plan, future in canvases:
        on_canvas = _outcome(plan, future, result, on_done)
        if on_canvas is not None:
            yield on_canvas


def _write(
    on_canvas: _Loaded, maps: dict[str, np.ndarray], density: bool, postprocess: str
) -> list[Path]:
    """Writes each map in all kinds under the names of its suffix."""
    files = on_canvas.outputs.files
    for suffix, saliency in maps.items():
        saliency = to_original(saliency, *on_canvas.size, density=density, postprocess=postprocess)
        ours = {kind: path for (kind, of), path in files.items() if of == suffix}
        write_outputs(ours, saliency, on_canvas.image)
    return list(files.values())


def _collect(plan: Outputs, future: Future, result: Prediction, on_done: Callable):
    files = _outcome(plan, future, result, on_done)
    if files is not None:
        result.written.extend(files)
        on_done(plan.photo)


def _outcome(plan: Outputs, future: Future, result: Prediction, on_done: Callable):
    """The future's value; None, and a note of the failure, where the user's file was at fault."""
    try:
        return future.result()
    except (UserError, OSError, MemoryError) as error:
        log.debug("%s failed", plan.photo, exc_info=True)
        reason = str(error) or type(error).__name__
        result.failed.append((plan.photo, reason.removeprefix(f"{plan.photo}: ")))
        on_done(plan.photo)
        return None


def _by_shape(on_canvas: Iterable[_Loaded], size: int) -> Iterator[list[_Loaded]]:
    """Batches of up to `size` photographs whose frames have the same shape."""
    waiting: dict[tuple[int, ...], list[_Loaded]] = {}
    for one in on_canvas:
        batch = waiting.setdefault(one.canvas.shape, [])
        batch.append(one)
        if len(batch) == size:
            yield waiting.pop(one.canvas.shape)
    yield from waiting.values()


def _pad_batch(canvases: list[np.ndarray], size: int) -> np.ndarray:
    """Stacks to [size, H, W, 3], blank frames behind the last."""
    batch = np.zeros((size, *canvases[0].shape), np.uint8)
    batch[: len(canvases)] = canvases
    return batch

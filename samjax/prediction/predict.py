"""Predict photographs and write their saliency maps at the photographs' own sizes.

Threads read photographs and put them on a canvas ahead of the device, and threads write maps
behind it. Every batch has the shape of one canvas, and blank canvases fill up the last one, so
that few compiled programs serve all photographs.
"""

import errno
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import numpy as np

from samjax.data.images import read_photo
from samjax.errors import one_line
from samjax.files.limits import alone_if_large
from samjax.pictures.encoding import one_opencv_thread
from samjax.prediction.maps import model_maps
from samjax.prediction.outputs import DRAWN_ON, Encoder, plan_outputs, write_outputs
from samjax.prediction.photo_search import find_photos
from samjax.prediction.postprocess import over_original
from samjax.prediction.predictor import Predictor
from samjax.prediction.reading import (
    AS_SEEN,
    LoadedPhoto,
    ReadOptions,
    pad_batch,
    read_ahead,
    same_shape,
)

logger = logging.getLogger(__name__)


@dataclass
class Prediction:
    """What became of the photographs.

    Attributes:
        written: The files that were written.
        failed: The path of each photograph that failed, and one line that says why.
        on_done: Called with the path of each photograph that is written or has failed.
    """

    written: list[Path] = field(default_factory=list)
    failed: list[tuple[Path, str]] = field(default_factory=list)
    on_done: Callable[[Path], None] = lambda photo: None

    def result(self, photo: Path, future: Future) -> Any:
        """Return a future's value, or None where the photograph is at fault, which is noted."""
        try:
            return future.result()
        # One photograph must not end the others, whatever it makes a library raise.
        except Exception as error:
            logger.debug("%s failed", photo, exc_info=True)
            self.failed.append((photo, _reason(error).removeprefix(f"{photo}: ")))
            self.on_done(photo)
            return None

    def collect(self, photo: Path, future: Future) -> None:
        """Wait until a photograph's files are written, and note them."""
        files = self.result(photo, future)
        if files is not None:
            self.written.extend(files)
            self.on_done(photo)


def _reason(error: Exception) -> str:
    """Return in one line why a photograph failed."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return "its map's name would be longer than the file system allows; give it a shorter name"
    return one_line(error)


def predict_paths(
    model: Predictor,
    paths: Sequence[str | Path],
    output: str | Path,
    *,
    kinds: Sequence[str] = ("npy",),
    encoders: Mapping[str, Encoder] | None = None,
    postprocess: str = "none",
    timesteps: int | None = None,
    all_timesteps: bool = False,
    batch_size: int = 8,
    num_threads: int = 4,
    reading: ReadOptions = AS_SEEN,
    on_done: Callable[[Path], None] = lambda photo: None,
) -> Prediction:
    """Predict images and folders of images, and write their maps.

    A photograph that cannot be read or written is noted in the result; the rest is written.

    Args:
        model: The network.
        paths: Images, and folders that are searched for images.
        output: The folder for the maps; `plan_outputs` says what they are called.
        kinds: What to write: "npy" (float32), "png16", "png8", "heatmap", "overlay".
        encoders: {ending: what makes the file}, of further files to write; STEM_scanpath.csv has
            the ending "_scanpath.csv".
        postprocess: "none" or "paper", see `over_original`.
        timesteps: How often the attentive LSTM looks; as in training if None.
        all_timesteps: Whether to write the map after each timestep, under names with its
            `timestep_suffix`, in place of the last one.
        batch_size: How many photographs the network takes at once.
        num_threads: How many threads read and write.
        reading: How photographs are read.
        on_done: Called with the path of each photograph that is written or has failed.

    Raises:
        UserError: A path is missing or holds no image, or the network cannot take `timesteps`.
    """
    steps = range(1, (timesteps or model.timesteps) + 1) if all_timesteps else ()
    suffixes = [timestep_suffix(model, t) for t in steps] or [""]
    kinds = (*kinds, *(encoders or {}))
    found = find_photos(paths, Path(output))
    plans = plan_outputs(found.photos, Path(output), kinds, suffixes)
    result = Prediction(failed=list(found.failed), on_done=on_done)
    with one_opencv_thread(), ThreadPoolExecutor(num_threads) as pool:
        photos = _readable(
            read_ahead(pool, plans, model, batch_size + num_threads, reading), result
        )
        batches = same_shape(photos, batch_size)
        writing: deque[tuple[Path, Future]] = deque()
        for photo, maps in _predict_batches(model, batches, batch_size, timesteps, steps):
            named = dict(zip(suffixes, maps, strict=True))
            work = pool.submit(_write, photo, named, model.density, postprocess, reading, encoders)
            writing.append((photo.outputs.photo, work))
            # Maps that wait to be written take memory, so the device waits for the writers; not
            # before half of the threads write, or the others would have nothing to do.
            while len(writing) > max(batch_size, num_threads // 2):
                result.collect(*writing.popleft())
        while writing:
            result.collect(*writing.popleft())
    return result


def usual_batch_size() -> int:
    """Return how many photographs the network takes at once, unless the user says so."""
    return 1 if jax.default_backend() == "cpu" else 8


def timestep_suffix(model: Predictor, timestep: int) -> str:
    """Return what the files of a timestep are called behind the photograph's own name.

    _t1 for the first timestep, or _t1_500ms where the model knows that it stands for 500 ms.
    """
    time = model.viewing_time_ms(timestep)
    return f"_t{timestep}" if time is None else f"_t{timestep}_{time:g}ms"


def _predict_batches(
    model: Predictor,
    batches: Iterable[list[LoadedPhoto]],
    batch_size: int,
    timesteps: int | None,
    steps: Sequence[int],
) -> Iterator[tuple[LoadedPhoto, np.ndarray]]:
    """Yield each photograph with its maps on the canvas [S, h, w]; without `steps` the last one."""
    for batch in batches:
        images = pad_batch([photo.canvas for photo in batch], batch_size)
        maps = model_maps(model, images, steps or timesteps)
        yield from zip(batch, maps, strict=False)  # the blank canvases behind the last are left


def _readable(photos: Iterable[tuple[Path, Future]], result: Prediction) -> Iterator[LoadedPhoto]:
    """Yield the photographs that could be read; the others are noted in the result."""
    for path, future in photos:
        photo = result.result(path, future)
        if photo is not None:
            yield photo


def _write(
    photo: LoadedPhoto,
    maps: dict[str, np.ndarray],
    density: bool,
    postprocess: str,
    reading: ReadOptions,
    encoders: Mapping[str, Encoder] | None,
) -> list[Path]:
    """Write each map [h, w] of a canvas in all kinds under the names of its suffix."""
    files = photo.outputs.files
    with alone_if_large(photo.size[0] * photo.size[1]):
        image = photo.image
        if image is None and any(kind in DRAWN_ON for kind, _ in files):
            image = read_photo(photo.outputs.photo, reading.max_pixels, upright=reading.upright)
        for suffix, on_canvas in maps.items():
            saliency = over_original(
                on_canvas, *photo.size, density=density, postprocess=postprocess
            )
            of_suffix = {kind: path for (kind, other), path in files.items() if other == suffix}
            write_outputs(of_suffix, saliency, image, encoders)
    return list(files.values())

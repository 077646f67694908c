"""The frames of a clip with their maps, one after the other, whatever the length.

One thread reads, one predicts and smooths, and whoever asks for the frames draws and writes.
Between them wait a few frames and not more; the network takes frames in batches, and the frames of
a batch and those between them are held until it has.
"""

from collections.abc import Generator, Iterator
from typing import NamedTuple

import numpy as np

from samjax.prediction.maps import model_maps
from samjax.prediction.postprocess import to_original
from samjax.prediction.predictor import Predictor
from samjax.prediction.reading import pad_batch
from samjax.video.ahead import ahead
from samjax.video.frame import Clip, Frame
from samjax.video.options import Chooser, VideoOptions
from samjax.video.smoothing import Smoother

WAITING = 3
"""Frames that wait between two threads."""
MAX_HELD_FRAMES, MAX_HELD_BYTES = 32, 2**27
"""Of a batch and what lies between its frames; one frame at least."""


class MappedFrame(NamedTuple):
    """A frame with its map.

    Attributes:
        frame: The frame. Its pixels are empty where they were not asked for.
        saliency: Its smoothed map at the size of the frame, float32 [H, W].
        is_predicted: Whether the network has looked at it; else the map follows from others.
    """

    frame: Frame
    saliency: np.ndarray
    is_predicted: bool


class _Loaded(NamedTuple):
    """A frame, and its canvas if it is to be predicted."""

    frame: Frame
    canvas: np.ndarray | None


def mapped_frames(
    model: Predictor,
    clip: Clip,
    options: VideoOptions,
    problems: list[str],
    *,
    density: bool,
    postprocess: str = "none",
    keeps_pixels: bool = True,
) -> Generator[MappedFrame, None, None]:
    """Yield each frame of a clip with its map.

    Args:
        model: The network.
        clip: The clip.
        options: Which frames are predicted, and how maps are smoothed.
        problems: Gets a sentence about whatever could not be read.
        density: Whether each map is divided by its sum; one of zeros becomes uniform.
        postprocess: See `to_original`.
        keeps_pixels: Whether the frames still have their pixels.
    """
    held, batch_size = _limits(clip, options, keeps_pixels)
    loaded = ahead(_load(model, clip, options, problems, keeps_pixels), WAITING)
    smoother = Smoother(options.smooth)

    def predict() -> Iterator[MappedFrame]:
        current = np.zeros(clip.size, np.float32)
        for batch in _batches(loaded, held, batch_size):
            canvases = [item.canvas for item in batch if item.canvas is not None]
            maps: Iterator[np.ndarray] = iter(())
            if canvases:
                images = pad_batch(canvases, batch_size)
                maps = iter(model_maps(model, images, options.timesteps)[:, 0])
            while batch:  # emptied from the front, so that what is done takes no memory
                frame, canvas = batch.pop(0)
                if canvas is not None:
                    current = _at_size(next(maps), clip.size, density, postprocess)
                yield MappedFrame(frame, smoother.at(frame.time, current), canvas is not None)

    return ahead(predict(), WAITING)


def _limits(clip: Clip, options: VideoOptions, keeps_pixels: bool) -> tuple[int, int]:
    """Return how many frames are held at most, and how many the network takes at once."""
    batch_size = min(options.batch_size, clip.total or options.batch_size)
    height, width = clip.size
    most = min(MAX_HELD_FRAMES, MAX_HELD_BYTES // (3 * height * width))
    apart = clip.rate / options.fps if options.fps else options.every
    if keeps_pixels:
        batch_size = min(batch_size, int(most / max(apart, 1)))
    return max(most, 1), max(batch_size, 1)


def _load(
    model: Predictor, clip: Clip, options: VideoOptions, problems: list[str], keeps_pixels: bool
) -> Iterator[_Loaded]:
    """Yield the frames, with the canvases of those that are to be predicted."""
    chooser, none = Chooser(options), np.empty((0, 0, 3), np.uint8)
    for number, frame in enumerate(clip.read(problems), 1):
        # By the number of those that could be read, so that the first one is predicted.
        is_chosen = chooser.takes(number, frame.time)
        canvas = model.to_canvas(frame.pixels) if is_chosen else None
        yield _Loaded(frame if keeps_pixels else frame._replace(pixels=none), canvas)


def _batches(loaded: Iterator[_Loaded], held: int, batch_size: int) -> Iterator[list[_Loaded]]:
    """Yield runs of frames with at most so many in all, and so many to be predicted."""
    batch: list[_Loaded] = []
    chosen = 0
    for item in loaded:
        batch.append(item)
        chosen += item.canvas is not None
        del item
        if len(batch) >= held or chosen == batch_size:
            yield batch
            batch, chosen = [], 0
    if batch:
        yield batch


def _at_size(
    on_canvas: np.ndarray, size: tuple[int, int], density: bool, postprocess: str
) -> np.ndarray:
    """Return a map of a canvas at the size of the frames, float32 [H, W]."""
    saliency = to_original(on_canvas, *size, density=density, postprocess=postprocess)
    if density and not saliency.any():
        return np.full(size, 1 / (size[0] * size[1]), np.float32)
    return saliency

"""How a clip is looked at: which frames are predicted, and how their maps are smoothed."""

import math
from typing import NamedTuple

from samjax.errors import UserError

SMOOTH = 0.2
"""Seconds. About what the eye takes to begin a saccade after something has changed."""
FRAME_RATE = 25.0
"""Frames per second of a folder of frames, which has no times of its own."""


class VideoOptions(NamedTuple):
    """How a clip is read and predicted.

    Attributes:
        every: Every which frame is predicted; the others show the map of the last one that was.
        fps: How many frames of a second are predicted at most, in place of `every`.
        smooth: The time constant tau of the exponential smoothing, in seconds: a map moves towards
            the prediction by 1 - exp(-dt / tau) in dt seconds. 0: none.
        frame_rate: Frames per second of a folder of frames.
        timesteps: How often the attentive LSTM looks; as in training if None.
        batch_size: How many frames the network takes at once, at most.
        upright: Whether frames are turned as the file says, as people see them.
        max_pixels: How many pixels a frame may have; None for the usual limit.
    """

    every: int = 1
    fps: float | None = None
    smooth: float = SMOOTH
    frame_rate: float = FRAME_RATE
    timesteps: int | None = None
    batch_size: int = 8
    upright: bool = True
    max_pixels: int | None = None


def check_options(options: VideoOptions) -> None:
    """Raise UserError where an option has a value that means nothing."""
    if options.every < 1:
        raise UserError(f"every={options.every}: give 1 for every frame, 2 for every other one")
    if options.fps is not None and options.every != 1:
        raise UserError(f"every={options.every} and fps={options.fps:g}: give one of them")
    for name in ("fps", "frame_rate"):
        value = getattr(options, name)
        if value is not None and not (0 < value < math.inf):
            raise UserError(f"{name}={value:g}: give frames per second above 0")
    if not 0 <= options.smooth < math.inf:
        raise UserError(f"smooth={options.smooth:g}: give seconds, 0 for no smoothing")


class Chooser:
    """Says of each frame, in order, whether it is predicted. The first one always is."""

    def __init__(self, options: VideoOptions) -> None:
        """Choose by `every` or `fps`."""
        self._every, self._fps = options.every, options.fps
        self._slot = -1

    def takes(self, number: int, time: float) -> bool:
        """Return whether the frame of this number, from 1 on, and time is predicted."""
        if self._fps is None:
            return (number - 1) % self._every == 0
        # Time is divided into slots of 1 / fps seconds; the first frame in each is predicted. Many
        # files have times in milliseconds, rounded down perhaps from the beginning of a slot.
        slot = math.floor((time + 1e-3) * self._fps)
        is_new = slot > self._slot
        self._slot = max(slot, self._slot)
        return is_new

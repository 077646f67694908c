"""A frame with its time, and a clip: what frames are read from."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Frame(NamedTuple):
    """A picture of a clip.

    Attributes:
        number: From 1 on.
        time: When it is shown, in seconds after the first one.
        duration: How long it is shown, in seconds: until the next frame, if there is one.
        pixels: uint8 [H, W, 3] RGB, as people see them.
    """

    number: int
    time: float
    duration: float
    pixels: np.ndarray


class Clip(NamedTuple):
    """A video, an animated picture, or a folder of frames.

    Attributes:
        path: Of the file or folder.
        size: Height and width of every frame.
        rate: Frames per second; the mean where their durations differ.
        total: How many frames there are as far as the file tells, or None.
        read: Yields the frames in order, each read when it is asked for. It takes a list, to which
            it adds a sentence about whatever could not be read; the frames that can be are yielded.
        is_animation: Whether it is an animated picture.
    """

    path: Path
    size: tuple[int, int]
    rate: float
    total: int | None
    read: Callable[[list[str]], Iterator[Frame]]
    is_animation: bool = False

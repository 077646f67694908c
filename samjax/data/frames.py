"""The frames that images are shown to a network in: one size, or several of different aspect."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Size = tuple[int, int]
"""(height, width)"""


class Frame(NamedTuple):
    """Size of a network's input, and of its map of that input, in pixels."""

    input: Size
    map: Size


def nearest(frames: Sequence[Frame], height: int, width: int) -> int:
    """Which frame's aspect is nearest to that of a height x width image; the first of equals."""
    aspects = np.log([frame.input[1] / frame.input[0] for frame in frames])
    return int(np.argmin(np.abs(aspects - np.log(width / height)).round(6)))


def by_frame(source, frames: Sequence[Frame]) -> list[Sequence[int]]:
    """The indices of a source's images that each frame takes. Reads the whole source, for its
    images' sizes, if there are several frames."""
    if len(frames) == 1:
        return [range(len(source))]
    taken: list[list[int]] = [[] for _ in frames]
    for i in range(len(source)):
        example = source[i]
        taken[nearest(frames, example.height, example.width)].append(i)
    return taken

"""The frames that images are shown to a network in: one size, or several of different aspect."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

Size = tuple[int, int]
"""(height, width)"""


class Canvas(NamedTuple):
    """Size of a network's input, and of its map of that input, in pixels."""

    input: Size
    map: Size


def nearest(canvases: Sequence[Canvas], height: int, width: int) -> int:
    """Which frame's aspect is nearest to that of a height x width image; the first of equals."""
    aspects = np.log([canvas.input[1] / canvas.input[0] for canvas in canvases])
    return int(np.argmin(np.abs(aspects - np.log(width / height)).round(6)))


def by_canvas(source, canvases: Sequence[Canvas]) -> list[Sequence[int]]:
    """The indices of a source's images that each frame takes. Reads the whole source, for its
    images' sizes, if there are several frames."""
    if len(canvases) == 1:
        return [range(len(source))]
    taken: list[list[int]] = [[] for _ in canvases]
    for i in range(len(source)):
        example = source[i]
        taken[nearest(canvases, example.height, example.width)].append(i)
    return taken


def make_canvases(
    map_size_of: Callable[[Size], Size], input_size: Size, buckets: Sequence[Size] = ()
) -> list[Canvas]:
    """Return the canvases of a network, the first one that of `input_size`.

    Args:
        map_size_of: Gives the size of the network's map for the size of an input.
        input_size: Height and width in pixels.
        buckets: Further input sizes; one that is there already is left out.
    """
    sizes = dict.fromkeys(tuple(size) for size in (input_size, *buckets))
    return [Canvas(size, map_size_of(size)) for size in sizes]

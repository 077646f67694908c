"""The canvases on which images are shown to a network: one size, or several of different aspect."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:  # predicting needs canvases, but not TFDS, which comes with examples
    from samjax.data.example import Examples

Size = tuple[int, int]
"""(height, width) in pixels."""


class Canvas(NamedTuple):
    """The size of a network's input, and of its saliency map of that input, in pixels."""

    input: Size
    map: Size


def nearest(canvases: Sequence[Canvas], height: int, width: int) -> int:
    """Return the index of the canvas whose aspect is nearest to an image's, the first of equals.

    Args:
        canvases: At least one canvas.
        height: The image's height.
        width: Its width.
    """
    return nearest_size([canvas.input for canvas in canvases], height, width)


def nearest_size(sizes: Sequence[Size], height: int, width: int) -> int:
    """Return the index of the size whose aspect is nearest to an image's, the first of equals.

    Aspects are compared by their ratio, so that twice as wide is as far as half as wide.
    """
    aspects = np.log([size[1] / size[0] for size in sizes])
    # Rounding keeps equal aspects equal whatever pixels they are computed from.
    distances = np.abs(aspects - np.log(width / height)).round(6)
    return int(np.argmin(distances))


def by_canvas(source: "Examples", canvases: Sequence[Canvas]) -> list[Sequence[int]]:
    """Return the indices of the images that each canvas takes.

    If there are several canvases, the whole source is read for the sizes of its images.
    """
    if len(canvases) == 1:
        return [range(len(source))]
    indices: list[list[int]] = [[] for _ in canvases]
    for i in range(len(source)):
        example = source[i]
        indices[nearest(canvases, example.height, example.width)].append(i)
    return list(indices)


def make_canvases(
    map_size_of: Callable[[Size], Size], input_size: Size, buckets: Sequence[Size] = ()
) -> list[Canvas]:
    """Return the canvases of a network, the first one that of `input_size`.

    Args:
        map_size_of: Gives the size of the network's map for the size of an input.
        input_size: Height and width in pixels.
        buckets: Further input sizes; one that is there already is left out.
    """
    canvases = []
    for height, width in dict.fromkeys(tuple(size) for size in (input_size, *buckets)):
        canvases.append(Canvas((height, width), map_size_of((height, width))))
    return canvases

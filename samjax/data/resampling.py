"""Drawing what a window shows of an image: cut, average over areas, place once and exactly.

Here are plain numbers only, which say where the canvas's pixels lie on the image. What to call is
`samjax.data.window.Window.render`.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

NEAR = 1e-6
"""Pixels by which floating point may be off where an edge should be a whole number."""

EXACT = 1e-3
"""Pixels by which a cut may be off its place before it is placed by interpolation."""

Span = tuple[float, float]
"""(begin, extent) of a window along one axis, in fractions of the image."""

Box = tuple[int, int, int, int]
"""(top, left, height, width) of a rectangle of pixels."""


def crop_resize(
    image: np.ndarray, spans: tuple[Span, Span], box: Box, canvas_height: int, canvas_width: int
) -> np.ndarray:
    """Return what of an image falls on a box of the canvas.

    Args:
        image: [H, W] or [H, W, C].
        spans: The window's, down and across.
        box: The part of the canvas to draw.
        canvas_height: The canvas's height in pixels.
        canvas_width: Its width in pixels.

    Returns:
        [height, width] or [height, width, C] of the box.
    """
    top, left, height, width = box
    rows = _AxisCut.of(*spans[0], canvas_height, image.shape[0], top, height)
    columns = _AxisCut.of(*spans[1], canvas_width, image.shape[1], left, width)
    cut = image[rows.start : rows.stop, columns.start : columns.stop]
    if cut.shape[:2] != (rows.size, columns.size):
        shrinks = rows.size < cut.shape[0] or columns.size < cut.shape[1]
        # Enlarging is left to the warp below, except where the fit is exact.
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        cut = cv2.resize(cut, (columns.size, rows.size), interpolation=method)
    # A letterbox or a snapped window fits whole pixels, and is done without a second interpolation.
    if rows.is_exact(height) and columns.is_exact(width):
        return cut.reshape(height, width, *image.shape[2:])
    to_cut = np.array([[columns.scale, 0, columns.offset], [0, rows.scale, rows.offset]])
    return _warp(cut, to_cut, height, width).reshape(height, width, *image.shape[2:])


def rotate_resize(
    image: np.ndarray,
    to_image: np.ndarray,
    steps: tuple[float, float],
    canvas_height: int,
    canvas_width: int,
) -> np.ndarray:
    """Return the canvas through an affine map; beyond the image's border its last pixels go on.

    Args:
        image: [H, W] or [H, W, C].
        to_image: [2, 3], the map from the canvas's pixels (x, y) to the image's.
        steps: Image pixels per canvas pixel, down and across; the image is averaged over so many
            before it is sampled.
        canvas_height: The canvas's height in pixels.
        canvas_width: Its width in pixels.

    Returns:
        [canvas_height, canvas_width] or [canvas_height, canvas_width, C].
    """
    x_end, y_end = canvas_width - 0.5, canvas_height - 0.5
    corners = np.array([[-0.5, -0.5], [x_end, -0.5], [-0.5, y_end], [x_end, y_end]])
    reached = corners @ to_image[:, :2].T + to_image[:, 2]
    # Cut out what the canvas reaches and shrink it, then sample that instead of the image.
    left, right, columns = _cut_for_turn(reached[:, 0], image.shape[1], steps[1])
    top, bottom, rows = _cut_for_turn(reached[:, 1], image.shape[0], steps[0])
    to_cut = to_image.copy()
    for axis, (start, stop, size) in enumerate(((left, right, columns), (top, bottom, rows))):
        scale = size / (stop - start)
        to_cut[axis] *= scale
        # x -> (x + .5 - start) * scale - .5, as pixels are centres.
        to_cut[axis, 2] += (0.5 - start) * scale - 0.5
    cut = image[top:bottom, left:right]
    if cut.shape[:2] != (rows, columns):
        cut = cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA)
    canvas = _warp(cut, to_cut, canvas_height, canvas_width)
    return canvas.reshape(canvas_height, canvas_width, *image.shape[2:])


def _cut_for_turn(reached: np.ndarray, length: int, step: float) -> tuple[int, int, int]:
    """Return how one axis of an image is cut and shrunk before it is turned: (start, stop, size).

    Args:
        reached: Positions on the axis that the canvas's corners reach.
        length: Pixels of the axis.
        step: Image pixels per canvas pixel.
    """
    margin = math.ceil(2 * step) + 1  # for the neighbours that averaging and sampling need
    start = min(max(math.floor(reached.min()) - margin, 0), length - 1)
    stop = max(min(math.ceil(reached.max()) + margin, length), start + 1)
    size = max(1, round((stop - start) / max(step, 1.0)))
    return start, stop, size


def _warp(image: np.ndarray, to_image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Sample an image bilinearly at the places that an affine map gives for each pixel (x, y)."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # Beyond the border the last pixels go on; black would bleed into the edge of the content.
    return cv2.warpAffine(
        image, to_image, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )


@dataclass(frozen=True)
class _AxisCut:
    """How one axis of a box is drawn.

    The image is cut from `start` to `stop`, resized to `size` pixels, and sampled at
    scale * i + offset for each pixel i of the box.
    """

    start: int
    stop: int
    size: int
    scale: float
    offset: float

    @classmethod
    def of(
        cls, begin: float, extent: float, canvas: int, image: int, first: int, count: int
    ) -> "_AxisCut":
        """Return how to draw `count` pixels of the canvas's axis from pixel `first` on.

        Args:
            begin: Where the window begins, as a fraction of the image.
            extent: How far it reaches, likewise.
            canvas: Pixels of the canvas along this axis.
            image: Pixels of the image along it.
            first: The first pixel of the canvas to draw.
            count: How many pixels of it to draw.
        """
        step = extent * image / canvas  # image pixels per canvas pixel
        edge = begin * image + first * step  # where the box's first edge lies on the image
        start = min(max(math.floor(edge + NEAR), 0), image - 1)
        stop = max(min(math.ceil(edge + count * step - NEAR), image), start + 1)
        length = stop - start
        # The cut is the box exactly, or shrinks to about one pixel per canvas pixel, or stays.
        if abs(length - count * step) < NEAR:
            size = count
        elif step > 1:
            size = max(1, round(length / step))
        else:
            size = length
        scale = step * size / length
        # Pixel 0 of the box has its centre half a step behind the box's edge.
        offset = (edge - start) * size / length + 0.5 * scale - 0.5
        return cls(start, stop, size, scale, offset)

    def is_exact(self, count: int) -> bool:
        """Return whether the resized cut is the box as it stands, so that none is sampled."""
        near = abs(self.offset) < EXACT and abs(self.scale - 1) * count < EXACT
        return near and self.size == count

"""Drawing what a window shows of an image: cut, area-average, and one exact placement.

Plain numbers come in: where the frame's pixels lie on the image. `Window.render` is what to call.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

NEAR = 1e-6
"""Pixels that floating point may be off where an edge should be a whole number."""

Span = tuple[float, float]
"""(begin, extent) of a window along one axis, in fractions of the stimulus."""


def crop_resize(
    image: np.ndarray, spans: tuple[Span, Span], box: tuple[int, int, int, int], h: int, w: int
) -> np.ndarray:
    """What of the image falls on the box (top, left, height, width) of a frame of h x w; spans:
    the window's, down and across."""
    top, left, height, width = box
    rows = _Axis.of(*spans[0], h, image.shape[0], top, height)
    columns = _Axis.of(*spans[1], w, image.shape[1], left, width)
    cut = image[rows.start : rows.stop, columns.start : columns.stop]
    if cut.shape[:2] != (rows.size, columns.size):
        shrinks = rows.size < cut.shape[0] or columns.size < cut.shape[1]
        # Enlarging is left to the warp below, save where the fit is exact.
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        cut = cv2.resize(cut, (columns.size, rows.size), interpolation=method)
    if rows.exact(height) and columns.exact(width):
        return cut.reshape(height, width, *image.shape[2:])
    back = np.array([[columns.scale, 0, columns.offset], [0, rows.scale, rows.offset]])
    return _warped(cut, back, height, width).reshape(height, width, *image.shape[2:])


def rotate_resize(
    image: np.ndarray, back: np.ndarray, steps: tuple[float, float], h: int, w: int
) -> np.ndarray:
    """The frame [h, w(, C)] through the affine map `back` [2, 3] from its pixels (x, y) to the
    image's; beyond its border the image goes on as its last pixels.

    steps: image pixels per frame pixel, down and across; the image is averaged over so many.
    """
    corners = np.array([[-0.5, -0.5], [w - 0.5, -0.5], [-0.5, h - 0.5], [w - 0.5, h - 0.5]])
    reach = corners @ back[:, :2].T + back[:, 2]
    cuts, back = [], back.copy()
    for axis, step in ((0, steps[1]), (1, steps[0])):  # x, y
        length, margin = image.shape[1 - axis], math.ceil(2 * step) + 1
        start = min(max(math.floor(reach[:, axis].min()) - margin, 0), length - 1)
        stop = max(min(math.ceil(reach[:, axis].max()) + margin, length), start + 1)
        size = max(1, round((stop - start) / max(step, 1.0)))
        scale = size / (stop - start)
        back[axis] *= scale
        back[axis, 2] += (0.5 - start) * scale - 0.5
        cuts.append((start, stop, size))
    (left, right, columns), (top, bottom, rows) = cuts
    cut = image[top:bottom, left:right]
    if cut.shape[:2] != (rows, columns):
        cut = cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA)
    return _warped(cut, back, h, w).reshape(h, w, *image.shape[2:])


def _warped(image: np.ndarray, back: np.ndarray, h: int, w: int) -> np.ndarray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, back, (w, h), flags=flags, borderMode=cv2.BORDER_REPLICATE)


@dataclass(frozen=True)
class _Axis:
    """One axis of rendering: cut start:stop, resize it to `size`, then sample it at
    scale * i + offset for each pixel i of the box."""

    start: int
    stop: int
    size: int
    scale: float
    offset: float

    @classmethod
    def of(cls, begin: float, extent: float, canvas: int, image: int, first: int, count: int):
        step = extent * image / canvas  # image pixels per frame pixel
        edge = begin * image + first * step  # image coordinate of the box's first edge
        start = min(max(math.floor(edge + NEAR), 0), image - 1)
        stop = max(min(math.ceil(edge + count * step - NEAR), image), start + 1)
        length = stop - start
        fits = abs(length - count * step) < NEAR
        size = count if fits else max(1, round(length / step)) if step > 1 else length
        scale = step * size / length
        offset = (edge - start) * size / length + 0.5 * scale - 0.5
        return cls(start, stop, size, scale, offset)

    def exact(self, count: int) -> bool:
        near = abs(self.offset) < 1e-3 and abs(self.scale - 1) * count < 1e-3
        return near and self.size == count

"""The one geometry that an image, its fixations and its density go through.

Coordinates are 0-based and an integer is a pixel's centre, so pixel x of W covers the fractions
x / W .. (x + 1) / W of the width, and x' = (x + .5) * w / W - .5 takes it to a grid of w columns.
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

NEAR = 1e-6
"""Pixels that floating point may be off where an edge should be a whole number."""


@dataclass(frozen=True)
class Window:
    """The rectangle of the stimulus, in fractions of its width and height, that fills the frame.

    It may reach beyond 0..1: there the frame shows padding. `flip` mirrors the frame left-right.
    A window knows no grid, so the same one serves the image and the coarser map of a network.
    """

    left: float
    top: float
    width: float
    height: float
    flip: bool = False

    def content_box(self, frame_height: int, frame_width: int) -> tuple[int, int, int, int]:
        """(top, left, height, width) of the frame's pixels that show any of the stimulus; at
        least one pixel, unless the window lies beside the stimulus."""
        top, bottom = _covered(self.top, self.height, frame_height)
        left, right = _covered(self.left, self.width, frame_width)
        if self.flip:
            left, right = frame_width - right, frame_width - left
        return top, left, bottom - top, right - left

    def mask(self, frame_height: int, frame_width: int) -> np.ndarray:
        """bool [frame_height, frame_width], True where the frame shows the stimulus."""
        top, left, height, width = self.content_box(frame_height, frame_width)
        mask = np.zeros((frame_height, frame_width), bool)
        mask[top : top + height, left : left + width] = True
        return mask

    def points(self, xy: np.ndarray, height: int, width: int, h: int, w: int) -> np.ndarray:
        """Points [N, 2] of an original of height x width, moved to a frame of h x w; float64."""
        fractions = (np.asarray(xy, np.float64) + 0.5) / (width, height)
        moved = (fractions - (self.left, self.top)) / (self.width, self.height)
        if self.flip:
            moved[:, 0] = 1 - moved[:, 0]
        return moved * (w, h) - 0.5

    def counts(self, xy: np.ndarray, height: int, width: int, h: int, w: int) -> np.ndarray:
        """Number of points per pixel of the frame, float32 [h, w]; points outside the stimulus or
        the frame are dropped."""
        xy, edge = np.asarray(xy, np.float64), np.array([width, height]) - 0.5
        xy = xy[((xy >= -0.5) & (xy <= edge)).all(axis=1)]
        # On the very edge of the stimulus, rounding could put a point beside the content box.
        xy = np.clip(xy, -0.5 + 1e-5 * edge, edge - 1e-5 * edge)
        moved = np.floor(self.points(xy, height, width, h, w) + 0.5)
        columns, rows = moved[((moved >= 0) & (moved < (w, h))).all(axis=1)].astype(np.int64).T
        counts = np.bincount(rows * w + columns, minlength=h * w)
        return counts.reshape(h, w).astype(np.float32)

    def render(self, image: np.ndarray, h: int, w: int) -> np.ndarray:
        """The frame [h, w(, C)] of an image [H, W(, C)] of any size; 0 in the padding.

        Shrinks by area, enlarges bilinearly, and places the content exactly, even where its edge
        falls between the frame's pixels.
        """
        box = replace(self, flip=False).content_box(h, w)
        frame = np.zeros((h, w, *image.shape[2:]), image.dtype)
        if box[2] > 0 and box[3] > 0:
            top, left, height, width = box
            content = self._content(image, box, h, w)
            frame[top : top + height, left : left + width] = content
        return np.ascontiguousarray(frame[:, ::-1]) if self.flip else frame

    def _content(self, image, box, h: int, w: int) -> np.ndarray:
        """What of the image falls on the box of an unmirrored frame of h x w."""
        top, left, height, width = box
        rows = _Axis.of(self.top, self.height, h, image.shape[0], top, height)
        columns = _Axis.of(self.left, self.width, w, image.shape[1], left, width)
        cut = image[rows.start : rows.stop, columns.start : columns.stop]
        if cut.shape[:2] != (rows.size, columns.size):
            shrinks = rows.size < cut.shape[0] or columns.size < cut.shape[1]
            # Enlarging is left to the warp below, save where the fit is exact.
            method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            cut = cv2.resize(cut, (columns.size, rows.size), interpolation=method)
        if rows.exact(height) and columns.exact(width):
            return cut.reshape(height, width, *image.shape[2:])
        back = np.array([[columns.scale, 0, columns.offset], [0, rows.scale, rows.offset]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(cut, back, (width, height), flags=flags, borderMode=_REPLICATE)
        return moved.reshape(height, width, *image.shape[2:])

    def snapped(self, height: int, width: int, h: int, w: int) -> "Window":
        """The nearest window that cuts whole pixels of a height x width image and puts them on
        whole pixels of an h x w frame, so that rendering needs no second interpolation."""
        top, vertical = _snap(self.top, self.height, height, h)
        left, horizontal = _snap(self.left, self.width, width, w)
        return Window(left, top, horizontal, vertical, self.flip)


_REPLICATE = cv2.BORDER_REPLICATE


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
    def of(cls, begin: float, extent: float, frame: int, image: int, first: int, count: int):
        step = extent * image / frame  # image pixels per frame pixel
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


def _covered(begin: float, extent: float, frame: int) -> tuple[int, int]:
    """First pixel, and the one after the last, of a frame's axis that shows any of 0..1."""
    near, far = -begin / extent * frame, (1 - begin) / extent * frame
    start = min(max(math.floor(near + NEAR), 0), frame)
    return start, max(min(math.ceil(far - NEAR), frame), start)


def _snap(begin: float, extent: float, image: int, frame: int) -> tuple[float, float]:
    """One axis of `Window.snapped`: (begin, extent)."""
    first, last = (min(max(edge, 0.0), 1.0) for edge in (begin, begin + extent))
    pixels = [round((edge - begin) / extent * frame) for edge in (first, last)]
    cells = [round(edge * image) for edge in (first, last)]
    count = max(pixels[1] - pixels[0], 1)
    start = min(pixels[0], frame - count)
    cut = max(cells[1] - cells[0], 1)
    step = cut / count
    return (min(cells[0], image - cut) - start * step) / image, step * frame / image


def letterbox(height: int, width: int, frame_height: int, frame_width: int) -> Window:
    """The window that shows a whole height x width image in the middle of a frame, at its own
    aspect. It depends on the two aspects alone, so it is the same for frames of equal aspect."""
    scale = min(frame_height / height, frame_width / width)
    # An axis that fits is exactly 1: quotients of equal products may differ in the last bit.
    vertical = 1.0 if scale == frame_height / height else frame_height / (height * scale)
    horizontal = 1.0 if scale == frame_width / width else frame_width / (width * scale)
    return Window((1 - horizontal) / 2, (1 - vertical) / 2, horizontal, vertical)


def unletterbox(map: np.ndarray, height: int, width: int) -> np.ndarray:
    """The inverse of `letterbox` for maps: float [h, w] to [height, width], bilinear, the
    padding's values left out. Keeps the map's dtype."""
    h, w = map.shape
    window = letterbox(height, width, h, w)
    top, left, rows, columns = window.content_box(h, w)
    content = map[top : top + rows, left : left + columns]
    down = _positions(window.top, window.height, height, h) - top
    across = _positions(window.left, window.width, width, w) - left
    return _lerp(_lerp(content, down).T, across).T.astype(map.dtype)


def _positions(begin: float, extent: float, size: int, frame: int) -> np.ndarray:
    """Where the pixel centres of an image's axis lie in the frame."""
    return ((np.arange(size) + 0.5) / size - begin) / extent * frame - 0.5


def _lerp(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Rows of `values` [n, m] interpolated linearly at the positions `at` [k]: [k, m]."""
    at = np.clip(at, 0, len(values) - 1)
    lower = np.minimum(at.astype(np.int64), max(len(values) - 2, 0))
    upper = np.minimum(lower + 1, len(values) - 1)
    share = (at - lower).astype(values.dtype)[:, None]
    # OpenCV's remap and warpAffine would quantise the share to 1/32 of a pixel.
    return values[lower] * (1 - share) + values[upper] * share

"""The one geometry that an image, its fixations and its density go through.

Coordinates are 0-based and an integer is a pixel's centre, so pixel x of W covers the fractions
x / W .. (x + 1) / W of the width, and x' = (x + .5) * w / W - .5 takes it to a grid of w columns.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from samjax.data.resampling import NEAR, crop_resize, rotate_resize


@dataclass(frozen=True)
class Window:
    """The rectangle of the stimulus, in fractions of its width and height, that fills the frame.

    It may reach beyond 0..1: there the frame shows padding. `flip` mirrors the frame left-right;
    then `angle` turns it about its middle, in degrees, clockwise. A turn needs the aspect of the
    frame (width / height); apart from it a window knows no grid, so the same one serves the image
    and the coarser map of a network.
    """

    left: float
    top: float
    width: float
    height: float
    flip: bool = False
    angle: float = 0.0
    aspect: float = 1.0

    def content_box(self, frame_height: int, frame_width: int) -> tuple[int, int, int, int]:
        """(top, left, height, width) of the frame's pixels that show any of the stimulus, before
        a turn; at least one pixel, unless the window lies beside the stimulus."""
        top, bottom = _covered(self.top, self.height, frame_height)
        left, right = _covered(self.left, self.width, frame_width)
        if self.flip:
            left, right = frame_width - right, frame_width - left
        return top, left, bottom - top, right - left

    def mask(self, frame_height: int, frame_width: int) -> np.ndarray:
        """bool [frame_height, frame_width], True where the frame shows the stimulus; of a turned
        one, where a pixel's centre does."""
        if self.angle:
            return self._turned_mask(frame_height, frame_width)
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
        return self._turned(moved, self.angle) * (w, h) - 0.5

    def counts(self, xy: np.ndarray, height: int, width: int, h: int, w: int) -> np.ndarray:
        """Number of points per pixel of the frame, float32 [h, w]; points outside the stimulus,
        the frame or the mask are dropped."""
        xy, edge = np.asarray(xy, np.float64), np.array([width, height]) - 0.5
        xy = xy[((xy >= -0.5) & (xy <= edge)).all(axis=1)]
        # On the very edge of the stimulus, rounding could put a point beside the content box.
        xy = np.clip(xy, -0.5 + 1e-5 * edge, edge - 1e-5 * edge)
        moved = np.floor(self.points(xy, height, width, h, w) + 0.5)
        columns, rows = moved[((moved >= 0) & (moved < (w, h))).all(axis=1)].astype(np.int64).T
        counts = np.bincount(rows * w + columns, minlength=h * w).reshape(h, w)
        if self.angle:
            counts *= self.mask(h, w)
        return counts.astype(np.float32)

    def render(self, image: np.ndarray, h: int, w: int) -> np.ndarray:
        """The frame [h, w(, C)] of an image [H, W(, C)] of any size; 0 in the padding.

        Shrinks by area, enlarges bilinearly, and places the content exactly, even where its edge
        falls between the frame's pixels.
        """
        if self.angle:
            return self._turned_frame(image, h, w)
        box = replace(self, flip=False).content_box(h, w)
        canvas = np.zeros((h, w, *image.shape[2:]), image.dtype)
        if box[2] > 0 and box[3] > 0:
            top, left, height, width = box
            spans = (self.top, self.height), (self.left, self.width)
            canvas[top : top + height, left : left + width] = crop_resize(image, spans, box, h, w)
        return np.ascontiguousarray(canvas[:, ::-1]) if self.flip else canvas

    def snapped(self, height: int, width: int, h: int, w: int) -> "Window":
        """The nearest window that cuts whole pixels of a height x width image and puts them on
        whole pixels of an h x w frame, so that rendering needs no second interpolation."""
        top, vertical = _snap(self.top, self.height, height, h)
        left, horizontal = _snap(self.left, self.width, width, w)
        return replace(self, left=left, top=top, width=horizontal, height=vertical)

    def _turned(self, xy: np.ndarray, angle: float) -> np.ndarray:
        """Points [N, 2], in fractions of the frame, turned about its middle."""
        if not angle:
            return xy
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        square = (xy - 0.5) * (self.aspect, 1)
        square = square @ np.array([[cosine, sine], [-sine, cosine]])
        return square / (self.aspect, 1) + 0.5

    def _back(self, h: int, w: int) -> np.ndarray:
        """The affine map [2, 3] from the frame's pixels (x, y) to fractions of the stimulus."""
        at = self._turned((np.array([[0, 0], [1, 0], [0, 1]]) + 0.5) / (w, h), -self.angle)
        if self.flip:
            at[:, 0] = 1 - at[:, 0]
        at = at * (self.width, self.height) + (self.left, self.top)
        return np.stack([at[1] - at[0], at[2] - at[0], at[0]], axis=1)

    def _turned_mask(self, h: int, w: int) -> np.ndarray:
        mask = np.ones((h, w), bool)
        for along_x, along_y, start in self._back(h, w):
            at = along_x * np.arange(w) + (along_y * np.arange(h) + start)[:, None]
            mask &= (at >= 0) & (at < 1)
        return mask

    def _turned_frame(self, image: np.ndarray, h: int, w: int) -> np.ndarray:
        rows, columns = image.shape[:2]
        back = self._back(h, w) * np.array([[columns], [rows]])
        back[:, 2] -= 0.5
        mask = self._turned_mask(h, w).reshape(h, w, *(1,) * (image.ndim - 2))
        return (
            rotate_resize(image, back, (self.height * rows / h, self.width * columns / w), h, w)
            * mask
        )


def _covered(begin: float, extent: float, canvas: int) -> tuple[int, int]:
    """First pixel, and the one after the last, of a frame's axis that shows any of 0..1."""
    near, far = -begin / extent * canvas, (1 - begin) / extent * canvas
    start = min(max(math.floor(near + NEAR), 0), canvas)
    return start, max(min(math.ceil(far - NEAR), canvas), start)


def _snap(begin: float, extent: float, image: int, canvas: int) -> tuple[float, float]:
    """One axis of `Window.snapped`: (begin, extent)."""
    first, last = (min(max(edge, 0.0), 1.0) for edge in (begin, begin + extent))
    pixels = [round((edge - begin) / extent * canvas) for edge in (first, last)]
    cells = [round(edge * image) for edge in (first, last)]
    count = max(pixels[1] - pixels[0], 1)
    start = min(pixels[0], canvas - count)
    cut = max(cells[1] - cells[0], 1)
    step = cut / count
    return (min(cells[0], image - cut) - start * step) / image, step * canvas / image


def letterbox(height: int, width: int, frame_height: int, frame_width: int) -> Window:
    """The window that shows a whole height x width image in the middle of a frame, at its own
    aspect. It depends on the two aspects alone, so it is the same for frames of equal aspect."""
    scale = min(frame_height / height, frame_width / width)
    return _centred(scale, height, width, frame_height, frame_width)


def cover(height: int, width: int, frame_height: int, frame_width: int) -> Window:
    """The window that fills a frame with the middle of a height x width image, at its own aspect;
    as much of it as fits."""
    scale = max(frame_height / height, frame_width / width)
    return _centred(scale, height, width, frame_height, frame_width)


def _centred(scale: float, height: int, width: int, frame_height: int, frame_width: int) -> Window:
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


def _positions(begin: float, extent: float, size: int, canvas: int) -> np.ndarray:
    """Where the pixel centres of an image's axis lie in the frame."""
    return ((np.arange(size) + 0.5) / size - begin) / extent * canvas - 0.5


def _lerp(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Rows of `values` [n, m] interpolated linearly at the positions `at` [k]: [k, m]."""
    at = np.clip(at, 0, len(values) - 1)
    lower = np.minimum(at.astype(np.int64), max(len(values) - 2, 0))
    upper = np.minimum(lower + 1, len(values) - 1)
    share = (at - lower).astype(values.dtype)[:, None]
    # OpenCV's remap and warpAffine would quantise the share to 1/32 of a pixel.
    return values[lower] * (1 - share) + values[upper] * share


def to_fractions(positions: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Return positions in pixels as fractions of a grid's extent, where 0 and 1 are its edges.

    Args:
        positions: [N] along one axis, or [N, 2] as (x, y).
        size: Pixels along that axis, or (width, height).
    """
    return (np.asarray(positions, np.float64) + 0.5) / size


def from_fractions(fractions: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """Return fractions of a grid's extent as positions in pixels; the inverse of `to_fractions`."""
    return np.asarray(fractions, np.float64) * size - 0.5


def to_grid(points: np.ndarray, from_size: tuple[int, int], to_size: tuple[int, int]) -> np.ndarray:
    """Return points of one grid in the pixels of another that covers the same picture.

    Args:
        points: [N, 2] as (x, y), in pixels of the first grid.
        from_size: (height, width) of the first grid.
        to_size: (height, width) of the second grid.

    Returns:
        [N, 2] float64, (x, y) in pixels of the second grid.
    """
    height, width = from_size
    new_height, new_width = to_size
    # By the ratio of the sizes, not by way of fractions: points on a grid of the same size stay
    # exactly where they are, and one on the border of two pixels does not change sides.
    scale = np.array([new_width / width, new_height / height])
    return (np.asarray(points, np.float64).reshape(-1, 2) + 0.5) * scale - 0.5

"""The rectangle of an image that a network is shown, and where each pixel and point of it lands."""

import math
from dataclasses import dataclass, replace

import numpy as np

from samjax.data.coordinates import covered_pixels, from_fractions, snap_axis, to_fractions
from samjax.data.resampling import Box, crop_resize, rotate_resize

EDGE = 1e-5
"""How far points on the very edge of an image are drawn inside it, as a fraction of its size."""


@dataclass(frozen=True)
class Window:
    """The rectangle of an image that fills the canvas, in fractions of the image's size.

    It may reach beyond 0 and 1: there the canvas shows padding. A window knows no grid, so the same
    one serves the image on the network's input, and fixations and density on its coarser map.

    Attributes:
        left: Where the window begins, as a fraction of the image's width.
        top: Where it begins, as a fraction of the height.
        width: Its extent, as a fraction of the image's width.
        height: Its extent, as a fraction of the image's height.
        flip: Whether the canvas is mirrored left to right.
        angle: By how much the canvas is then turned about its middle, in degrees, clockwise.
        aspect: Width / height of the canvas, which a turn needs to keep right angles.
    """

    left: float
    top: float
    width: float
    height: float
    flip: bool = False
    angle: float = 0.0
    aspect: float = 1.0

    def content_box(self, canvas_height: int, canvas_width: int) -> Box:
        """Return (top, left, height, width) of the canvas's pixels that show any of the image.

        The turn is not taken into account. The box has at least one pixel, unless the window lies
        beside the image.
        """
        top, bottom = covered_pixels(self.top, self.height, canvas_height)
        left, right = covered_pixels(self.left, self.width, canvas_width)
        if self.flip:
            left, right = canvas_width - right, canvas_width - left
        return top, left, bottom - top, right - left

    def mask(self, canvas_height: int, canvas_width: int) -> np.ndarray:
        """Return where the canvas shows the image, bool [canvas_height, canvas_width].

        Without a turn these are all pixels that show any of it, with a turn those whose centres do.
        """
        if self.angle:
            return self._turned_mask(canvas_height, canvas_width)
        top, left, height, width = self.content_box(canvas_height, canvas_width)
        mask = np.zeros((canvas_height, canvas_width), bool)
        mask[top : top + height, left : left + width] = True
        return mask

    def move_points(
        self, points: np.ndarray, height: int, width: int, canvas_height: int, canvas_width: int
    ) -> np.ndarray:
        """Return where points of an image land on the canvas.

        Args:
            points: [N, 2] as (x, y), in the image's pixels.
            height: The image's height.
            width: Its width.
            canvas_height: The canvas's height in pixels.
            canvas_width: Its width in pixels.

        Returns:
            [N, 2] float64, in the canvas's pixels; points that the window cuts off lie outside.
        """
        moved = to_fractions(points, (width, height)) - (self.left, self.top)
        moved /= self.width, self.height
        if self.flip:
            moved[:, 0] = 1 - moved[:, 0]
        return from_fractions(self._turn(moved, self.angle), (canvas_width, canvas_height))

    def count_points(
        self, points: np.ndarray, height: int, width: int, canvas_height: int, canvas_width: int
    ) -> np.ndarray:
        """Return the number of points per pixel, float32 [canvas_height, canvas_width].

        Points outside the image, the canvas or the mask are dropped.

        Args:
            points: [N, 2] as (x, y), in the image's pixels.
            height: The image's height.
            width: Its width.
            canvas_height: The canvas's height in pixels.
            canvas_width: Its width in pixels.
        """
        points = np.asarray(points, np.float64)
        edge = np.array([width, height]) - 0.5
        points = points[((points >= -0.5) & (points <= edge)).all(axis=1)]
        # On the very edge of the image, rounding could put a point beside the content box.
        points = np.clip(points, -0.5 + EDGE * edge, edge - EDGE * edge)
        moved = self.move_points(points, height, width, canvas_height, canvas_width)
        pixels = np.floor(moved + 0.5)  # an integer is a centre, so a pixel begins half before it
        inside = ((pixels >= 0) & (pixels < (canvas_width, canvas_height))).all(axis=1)
        columns, rows = pixels[inside].astype(np.int64).T
        counts = np.bincount(rows * canvas_width + columns, minlength=canvas_height * canvas_width)
        counts = counts.reshape(canvas_height, canvas_width)
        if self.angle:  # the corners of a turned canvas show padding, which the test above allows
            counts *= self.mask(canvas_height, canvas_width)
        return counts.astype(np.float32)

    def render(self, image: np.ndarray, canvas_height: int, canvas_width: int) -> np.ndarray:
        """Return the canvas as the window shows an image of any size; 0 in the padding.

        Shrinking averages over areas and enlarging is bilinear. The content is placed exactly, even
        where its edge falls between the canvas's pixels.

        Args:
            image: [H, W] or [H, W, C].
            canvas_height: The canvas's height in pixels.
            canvas_width: Its width in pixels.

        Returns:
            [canvas_height, canvas_width] or [canvas_height, canvas_width, C], of the same dtype.
        """
        if self.angle:
            return self._render_turned(image, canvas_height, canvas_width)
        # Drawn unmirrored and then mirrored as a whole.
        box = replace(self, flip=False).content_box(canvas_height, canvas_width)
        top, left, height, width = box
        canvas = np.zeros((canvas_height, canvas_width, *image.shape[2:]), image.dtype)
        if height > 0 and width > 0:
            spans = (self.top, self.height), (self.left, self.width)
            content = crop_resize(image, spans, box, canvas_height, canvas_width)
            canvas[top : top + height, left : left + width] = content
        return np.ascontiguousarray(canvas[:, ::-1]) if self.flip else canvas

    def snap(self, height: int, width: int, canvas_height: int, canvas_width: int) -> "Window":
        """Return the nearest window that needs no second interpolation when it is rendered.

        It cuts whole pixels of an image of height x width and puts them on whole pixels of the
        canvas.
        """
        top, extent_down = snap_axis(self.top, self.height, height, canvas_height)
        left, extent_across = snap_axis(self.left, self.width, width, canvas_width)
        return replace(self, left=left, top=top, width=extent_across, height=extent_down)

    def _turn(self, fractions: np.ndarray, angle: float) -> np.ndarray:
        """Return points [N, 2], in fractions of the canvas, turned about its middle."""
        if not angle:
            return fractions
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        # Angles are true only where both axes have the same unit.
        square = (fractions - 0.5) * (self.aspect, 1)
        square = square @ np.array([[cosine, sine], [-sine, cosine]])
        return square / (self.aspect, 1) + 0.5

    def _inverse(self, canvas_height: int, canvas_width: int) -> np.ndarray:
        """Return the affine map [2, 3] from the canvas's pixels (x, y) to fractions of the image.

        The images of three pixels determine it: the origin and its neighbours along x and y.
        """
        pixels = np.array([[0, 0], [1, 0], [0, 1]])
        places = self._turn(to_fractions(pixels, (canvas_width, canvas_height)), -self.angle)
        if self.flip:
            places[:, 0] = 1 - places[:, 0]
        origin, right, below = places * (self.width, self.height) + (self.left, self.top)
        return np.stack([right - origin, below - origin, origin], axis=1)

    def _turned_mask(self, canvas_height: int, canvas_width: int) -> np.ndarray:
        mask = np.ones((canvas_height, canvas_width), bool)
        columns, rows = np.arange(canvas_width), np.arange(canvas_height)
        for along_x, along_y, origin in self._inverse(canvas_height, canvas_width):
            fraction = along_x * columns + (along_y * rows + origin)[:, None]
            mask &= (fraction >= 0) & (fraction < 1)
        return mask

    def _render_turned(
        self, image: np.ndarray, canvas_height: int, canvas_width: int
    ) -> np.ndarray:
        rows, columns = image.shape[:2]
        to_image = self._inverse(canvas_height, canvas_width) * np.array([[columns], [rows]])
        to_image[:, 2] -= 0.5  # from fractions to pixels whose centres are integers
        steps = self.height * rows / canvas_height, self.width * columns / canvas_width
        turned = rotate_resize(image, to_image, steps, canvas_height, canvas_width)
        mask = self._turned_mask(canvas_height, canvas_width)
        return turned * mask.reshape(*mask.shape, *(1,) * (image.ndim - 2))

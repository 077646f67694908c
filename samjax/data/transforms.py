"""Random changes of training examples: where the window lies, and the colours.

All of it is picklable, in NumPy and OpenCV, and without hidden randomness: every draw comes from a
generator that the caller gives.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from samjax.data.canvas import Size
from samjax.data.decoding import Decoded
from samjax.data.example import Example
from samjax.data.geometry import cover, letterbox
from samjax.data.rendering import Element, Render
from samjax.data.window import Window
from samjax.errors import UserError

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in grey (ITU-R BT.601)."""

MAX_ROTATION = 45
"""Degrees."""


@dataclass(frozen=True)
class Augment:
    """Random changes of a training example; a field of 0, False or (1, 1) does nothing.

    Attributes:
        flip: Whether half of the examples are mirrored left to right.
        crop: Whether to start from the canvas filled with a part of the image, in place of the
            letterbox.
        rotation: The largest angle to either side, in degrees.
        zoom: The range of the magnification relative to that start, drawn on a log scale; above 1
            crops, below 1 pads.
        brightness: The largest relative change.
        contrast: Likewise.
        saturation: Likewise.
        grey: The fraction of examples that are turned grey.
        views: How many fixed views an image has, see `samjax.data.views`; 0: each time it is drawn
            anew.
    """

    flip: bool = False
    crop: bool = False
    rotation: float = 0.0
    zoom: tuple[float, float] = (1.0, 1.0)
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    grey: float = 0.0
    views: int = 0

    def __post_init__(self) -> None:
        """Check the ranges of all fields."""
        low, high = self.zoom
        if not 0 < low <= high:
            raise UserError(f"zoom ({low}, {high}) is no range above 0; use, say, (0.8, 1.5)")
        if not 0 <= self.rotation <= MAX_ROTATION:
            raise UserError(f"rotation {self.rotation} is not between 0 and {MAX_ROTATION} degrees")
        for name in ("brightness", "contrast", "saturation", "grey"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserError(f"{name} {getattr(self, name)} is not between 0 and 1")

    def window(
        self, example: Example, image: Size, canvas: Size, rng: np.random.Generator
    ) -> Window:
        """Draw the window of an example.

        Args:
            example: Whose original size sets the aspect.
            image: The size of its decoded image.
            canvas: The size of the network's input.
            rng: The example's own generator.
        """
        start = cover if self.crop else letterbox
        window = start(example.height, example.width, *canvas)
        low, high = self.zoom
        if self.crop or (low, high) != (1, 1):
            # On a log scale, so that twice as large is as likely as half as large.
            zoom = np.exp(rng.uniform(np.log(low), np.log(high)))
            width, height = window.width / zoom, window.height / zoom
            left = _draw_position(width, rng)
            top = _draw_position(height, rng)
            window = Window(left, top, width, height).snap(*image, *canvas)
        flip = self.flip and rng.random() < 0.5
        angle = float(rng.uniform(-self.rotation, self.rotation)) if self.rotation else 0.0
        return replace(window, flip=bool(flip), angle=angle, aspect=canvas[1] / canvas[0])

    def colour(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return uint8 [H, W, 3] RGB with its colours changed, or the image itself.

        Black stays black only without a change of contrast.
        """
        if not (self.brightness or self.contrast or self.saturation or self.grey):
            return image
        largest = self.brightness, self.contrast, self.saturation
        brightness, contrast, saturation = rng.uniform(-1, 1, 3) * largest
        if rng.random() < self.grey:  # drawn even at 0, so that the generator goes on alike
            saturation = -1.0
        # Contrast turns about mid-grey; one affine map of the colours does all three.
        matrix = (1 + saturation) * np.eye(3) - saturation * LUMA[None, :]
        gain = (1 + contrast) * (1 + brightness)
        offset = -127.5 * contrast * (1 + brightness)
        affine = np.hstack([gain * matrix, np.full((3, 1), offset)])
        return cv2.transform(image, affine)


def _draw_position(extent: float, rng: np.random.Generator) -> float:
    """Return where a window of this extent begins on 0..1.

    A window smaller than the image lies inside it, a larger one around it.
    """
    return rng.uniform(min(0.0, 1 - extent), max(0.0, 1 - extent))


@dataclass(frozen=True)
class TrainTransform:
    """Draws a window and colours for an example, and renders it.

    Attributes:
        render: Draws what the window shows.
        augment: The random changes.
    """

    render: Render
    augment: Augment

    def __call__(self, decoded: Decoded, rng: np.random.Generator) -> Element:
        """Return a training element; all randomness comes from the example's own generator."""
        return self.draw(decoded, rng)[1]

    def draw(self, decoded: Decoded, rng: np.random.Generator) -> tuple[Window, Element]:
        """Return the window that was drawn, and the element that it shows."""
        assert decoded.example is not None
        assert decoded.image is not None
        canvas = self.render.input_size
        rows, columns = decoded.image.shape[:2]
        window = self.augment.window(decoded.example, (rows, columns), canvas, rng)
        element = self.render(decoded, window)
        image = self.augment.colour(element["image"], rng)
        if image is not element["image"]:
            image = image * window.mask(*canvas)[..., None]  # the padding stays black
        return window, {**element, "image": image}

"""Example -> the arrays of a batch's element: picklable, NumPy and OpenCV, no hidden randomness."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from samjax.data.canvas import Size
from samjax.data.decoding import Decoded
from samjax.data.example import Example
from samjax.data.geometry import Window, cover, letterbox
from samjax.data.images import decode_density
from samjax.data.viewing_times import viewed_by
from samjax.errors import UserError

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green, blue in grey (ITU-R BT.601)."""


@dataclass(frozen=True)
class Render:
    """A decoded example seen through a window: image, density, fixations, mask, index."""

    input_size: Size
    map_size: Size
    durations: tuple[float, ...] = ()
    """ms; with them, `timestep_density` and `timestep_counts` [T, h, w] of what begins by then."""

    def letterboxed(self, decoded: Decoded) -> dict[str, np.ndarray]:
        """The whole image, as in evaluation; a missing example gives a blank element."""
        example = decoded.example
        if example is None:
            return self._blank()
        return self(decoded, letterbox(example.height, example.width, *self.input_size))

    def __call__(self, decoded: Decoded, window: Window) -> dict[str, np.ndarray]:
        example = decoded.example
        size = example.height, example.width
        counts = window.counts(example.points, *size, *self.map_size)
        mask = window.mask(*self.map_size)
        return {
            "image": window.render(decoded.image, *self.input_size),
            "density": self._density(example, window, counts) * mask,
            "counts": counts,
            "mask": mask,
            "index": np.int32(decoded.index),
            **self._by_duration(example, window, mask),
        }

    def _by_duration(self, example: Example, window: Window, mask: np.ndarray) -> dict:
        if not self.durations:
            return {}
        size = example.height, example.width
        seen = [viewed_by(example, duration) for duration in self.durations]
        counts = [window.counts(e.points, *size, *self.map_size) for e in seen]
        densities = [self._density(e, window, c) for e, c in zip(seen, counts, strict=True)]
        return {"timestep_density": np.stack(densities) * mask, "timestep_counts": np.stack(counts)}

    def _density(self, example: Example, window: Window, counts: np.ndarray) -> np.ndarray:
        """The published map through the window; without one, the counts blurred by one degree."""
        h, w = self.map_size
        if example.density:
            return window.render(decode_density(example.density), h, w)
        sigma_y = example.sigma_px / example.height / window.height * h
        sigma_x = example.sigma_px / example.width / window.width * w
        return blur(counts, sigma_y, sigma_x)

    def _blank(self) -> dict[str, np.ndarray]:
        steps = np.zeros((len(self.durations), *self.map_size), np.float32)
        targets = {"timestep_density": steps, "timestep_counts": steps} if self.durations else {}
        return {
            "image": np.zeros((*self.input_size, 3), np.uint8),
            "density": np.zeros(self.map_size, np.float32),
            "counts": np.zeros(self.map_size, np.float32),
            "mask": np.zeros(self.map_size, bool),
            "index": np.int32(-1),
            **targets,
        }


def blur(counts: np.ndarray, sigma_y: float, sigma_x: float) -> np.ndarray:
    """Gaussian blur of counts [h, w] with zeros beyond the border; sigmas in cells."""
    if not counts.any():
        return counts
    least = 1e-3  # OpenCV reads 0 as "derive it"; this narrow, the kernel is a single one
    return cv2.GaussianBlur(
        counts,
        (_kernel_size(sigma_x), _kernel_size(sigma_y)),
        sigmaX=max(sigma_x, least),
        sigmaY=max(sigma_y, least),
        borderType=cv2.BORDER_CONSTANT,
    )


def _kernel_size(sigma: float) -> int:
    """Odd, and four sigmas to each side."""
    return 2 * int(np.ceil(4 * sigma)) + 1


@dataclass(frozen=True)
class Augment:
    """Random changes of a training example; a field of 0, False or (1, 1) does nothing.

    flip:       mirror half of the examples left-right
    crop:       start from the frame filled with a part of the image, in place of the letterbox
    rotation:   largest angle, degrees, to either side
    zoom:       range of magnification relative to that start, drawn on a log scale; above 1
                crops, below 1 pads
    brightness, contrast, saturation: largest relative change
    grey:       share of examples turned grey
    """

    flip: bool = False
    crop: bool = False
    rotation: float = 0.0
    zoom: tuple[float, float] = (1.0, 1.0)
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    grey: float = 0.0

    def __post_init__(self):
        low, high = self.zoom
        if not 0 < low <= high:
            raise UserError(f"zoom ({low}, {high}) is no range above 0; use, say, (0.8, 1.5)")
        if not 0 <= self.rotation <= 45:
            raise UserError(f"rotation {self.rotation} is not between 0 and 45 degrees")
        for name in ("brightness", "contrast", "saturation", "grey"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserError(f"{name} {getattr(self, name)} is not between 0 and 1")

    def window(self, example: Example, image: Size, canvas: Size, rng) -> Window:
        """Draws the window of an example whose decoded image has size `image`."""
        start = cover if self.crop else letterbox
        window = start(example.height, example.width, *canvas)
        low, high = self.zoom
        if self.crop or (low, high) != (1, 1):
            zoom = np.exp(rng.uniform(np.log(low), np.log(high)))
            left, width = _place(window.width / zoom, rng)
            top, height = _place(window.height / zoom, rng)
            window = Window(left, top, width, height).snapped(*image, *canvas)
        flip = self.flip and rng.random() < 0.5
        angle = float(rng.uniform(-self.rotation, self.rotation)) if self.rotation else 0.0
        return replace(window, flip=bool(flip), angle=angle, aspect=canvas[1] / canvas[0])

    def colour(self, image: np.ndarray, rng) -> np.ndarray:
        """Changes the colours of uint8 [H, W, 3]; black stays black only without brightness."""
        if not (self.brightness or self.contrast or self.saturation or self.grey):
            return image
        brightness, contrast, saturation = rng.uniform(-1, 1, 3) * (
            self.brightness,
            self.contrast,
            self.saturation,
        )
        saturation = -1.0 if rng.random() < self.grey else saturation
        matrix = (1 + saturation) * np.eye(3) - saturation * LUMA[None, :]
        gain = (1 + contrast) * (1 + brightness)
        # Contrast turns about mid-grey; one affine map of the colours does all three.
        offset = -127.5 * contrast * (1 + brightness)
        affine = np.hstack([gain * matrix, np.full((3, 1), offset)])
        return cv2.transform(image, affine)


def _place(extent: float, rng) -> tuple[float, float]:
    """A random position of a window of this extent on 0..1: (begin, extent). It lies inside the
    stimulus if it is smaller, and around it otherwise."""
    return rng.uniform(min(0.0, 1 - extent), max(0.0, 1 - extent)), extent


@dataclass(frozen=True)
class TrainTransform:
    """Draws a window and colours and renders; all randomness comes from the example's own rng."""

    render: Render
    augment: Augment

    def __call__(self, decoded: Decoded, rng: np.random.Generator) -> dict[str, np.ndarray]:
        canvas = self.render.input_size
        window = self.augment.window(decoded.example, decoded.image.shape[:2], canvas, rng)
        element = self.render(decoded, window)
        image = self.augment.colour(element["image"], rng)
        if image is not element["image"]:
            image = image * window.mask(*canvas)[..., None]  # the padding stays black
        return {**element, "image": image}

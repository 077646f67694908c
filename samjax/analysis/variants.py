"""A picture seen in slightly different ways, and its density brought back to the picture.

What a model says of a picture moves a little when the picture is mirrored, a little smaller, a
little to the side or a little brighter, though people would look at the same things. How much it
moves tells how far a small difference between two pictures can be trusted.
"""

from typing import NamedTuple

import cv2
import numpy as np

SMALLEST_ZOOM = 0.88
"""The picture is shown whole, at so much of its size at least."""

BRIGHTNESS = 0.15
"""By which fraction the values of the pixels are made less or more, at most."""


class Variant(NamedTuple):
    """One way of showing a picture on pixels of its own size.

    Attributes:
        mirrored: Whether left and right are exchanged.
        zoom: The size at which the whole picture is shown, up to 1.
        right: How far to the right it is within the free margin, 0 to 1.
        down: How far down, likewise.
        brightness: The factor of all values.
    """

    mirrored: bool
    zoom: float
    right: float
    down: float
    brightness: float

    def show(self, image: np.ndarray) -> np.ndarray:
        """Return a picture, uint8 [H, W, 3], shown so; its border goes on into the margin."""
        shown = image[:, ::-1] if self.mirrored else image
        shown = self._warp(np.ascontiguousarray(shown), 0)
        if self.brightness == 1:
            return shown
        return np.clip(np.rint(shown * self.brightness), 0, 255).astype(np.uint8)

    def take_back(self, density: np.ndarray) -> np.ndarray:
        """Return the density [H, W] of the shown picture as one of the picture itself, sum 1.

        What lies in the margin is left out.
        """
        if self == PLAIN:
            return density
        back = self._warp(density.astype(np.float32), cv2.WARP_INVERSE_MAP)
        back = back[:, ::-1] if self.mirrored else back
        return back / back.sum(dtype=np.float64)

    def _warp(self, array: np.ndarray, direction: int) -> np.ndarray:
        """Zoom and shift an array; direction: 0, or WARP_INVERSE_MAP to undo it."""
        if self.zoom == 1:
            return array
        height, width = array.shape[:2]
        free = 1 - self.zoom
        # Along x an edge goes to zoom * x + right * free * width; a pixel's centre is x + 1/2.
        half = self.zoom / 2 - 0.5
        to_shown = np.array(
            [
                [self.zoom, 0, half + self.right * free * width],
                [0, self.zoom, half + self.down * free * height],
            ]
        )
        flags = cv2.INTER_LINEAR | direction
        warped = cv2.warpAffine(
            array, to_shown, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return warped.reshape(array.shape)


PLAIN = Variant(mirrored=False, zoom=1.0, right=0.0, down=0.0, brightness=1.0)
"""The picture as it is."""


def draw_variants(count: int, seed: int = 0) -> list[Variant]:
    """Return `PLAIN` and `count` variants drawn from a seed, every second one mirrored."""
    rng = np.random.default_rng(seed)
    variants = [PLAIN]
    for number in range(count):
        zoom, right, down, brightness = rng.random(4)
        variants.append(
            Variant(
                mirrored=number % 2 == 0,
                zoom=float(SMALLEST_ZOOM + (1 - SMALLEST_ZOOM) * zoom),
                right=float(right),
                down=float(down),
                brightness=float(1 + BRIGHTNESS * (2 * brightness - 1)),
            )
        )
    return variants

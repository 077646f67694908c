"""A decoded example on a canvas: the arrays of one element of a batch."""

from dataclasses import dataclass

import cv2
import numpy as np

from samjax.data.canvas import Size
from samjax.data.decoding import Decoded
from samjax.data.example import Example
from samjax.data.geometry import letterbox
from samjax.data.images import decode_density
from samjax.data.viewing_times import viewed_by
from samjax.data.window import Window

Element = dict[str, np.ndarray]
"""One example as arrays: `image` uint8 [H, W, 3], or in its place the stored `features`; `density`
and `counts` float32 [h, w]; `mask` bool [h, w], where the map shows the image; `index` int32, see
`Decoded`. With viewing times also `timestep_density` and `timestep_counts` float32 [T, h, w]."""

NARROWEST_SIGMA = 1e-3
"""In cells. OpenCV takes a sigma of 0 for unknown; with this one the kernel is a single 1."""


@dataclass(frozen=True)
class Render:
    """Draws a decoded example as a window shows it.

    Attributes:
        input_size: Size [H, W] of the network's input.
        map_size: Size [h, w] of its saliency map.
        viewing_times_ms: One for each timestep of the network; the targets of the timestep are of
            the fixations that begin by then. Empty if all timesteps have the same target.
    """

    input_size: Size
    map_size: Size
    viewing_times_ms: tuple[float, ...] = ()

    def letterboxed(self, decoded: Decoded) -> Element:
        """Return the whole image, as in evaluation; an empty example gives a blank element."""
        example = decoded.example
        if example is None:
            return self._blank(decoded)
        if decoded.stored is not None:
            return self.stored(decoded, 0)
        return self(decoded, letterbox(example.height, example.width, *self.input_size))

    def __call__(self, decoded: Decoded, window: Window) -> Element:
        """Return what a window shows of an example, which must not be an empty one."""
        assert decoded.image is not None
        image = window.render(decoded.image, *self.input_size)
        return {"image": image, **self._truth(decoded, window)}

    def stored(self, decoded: Decoded, view: int) -> Element:
        """Return a view whose features are stored, with what people did seen through its window."""
        assert decoded.stored is not None
        window, features = decoded.stored(view)
        return {"features": features, **self._truth(decoded, window)}

    def _truth(self, decoded: Decoded, window: Window) -> Element:
        """Return all that a window shows of an example but the image."""
        example = decoded.example
        assert example is not None
        counts = self._counts(example, window)
        mask = window.mask(*self.map_size)
        return {
            # Blurring spreads over the padding, where nobody can have looked.
            "density": self._density(example, window, counts) * mask,
            "counts": counts,
            "mask": mask,
            "index": np.array(decoded.index, np.int32),
            **self._timestep_targets(example, window, mask),
        }

    def _timestep_targets(self, example: Example, window: Window, mask: np.ndarray) -> Element:
        """Return the targets of each timestep [T, h, w]; nothing without viewing times."""
        if not self.viewing_times_ms:
            return {}
        densities, counts = [], []
        for viewing_time_ms in self.viewing_times_ms:
            viewed = viewed_by(example, viewing_time_ms)
            counts.append(self._counts(viewed, window))
            densities.append(self._density(viewed, window, counts[-1]))
        return {"timestep_density": np.stack(densities) * mask, "timestep_counts": np.stack(counts)}

    def _counts(self, example: Example, window: Window) -> np.ndarray:
        """Return the number of fixations per cell of the map [h, w]."""
        return window.count_points(example.points, example.height, example.width, *self.map_size)

    def _density(self, example: Example, window: Window, counts: np.ndarray) -> np.ndarray:
        """Return the published map through the window [h, w].

        Without a published map it is the counts blurred by one degree of visual angle.
        """
        height, width = self.map_size
        if example.density:
            return window.render(decode_density(example.density), height, width)
        # From original pixels to a fraction of the image, of the window, and to the map's cells.
        sigma_y = example.sigma_px / example.height / window.height * height
        sigma_x = example.sigma_px / example.width / window.width * width
        return blur(counts, sigma_y, sigma_x)

    def _blank(self, decoded: Decoded) -> Element:
        """Return an element of zeros for an empty example, with the index -1."""
        if decoded.stored is None:
            element: Element = {"image": np.zeros((*self.input_size, 3), np.uint8)}
        else:
            element = {"features": np.zeros_like(decoded.stored(0).features)}
        element |= {
            "density": np.zeros(self.map_size, np.float32),
            "counts": np.zeros(self.map_size, np.float32),
            "mask": np.zeros(self.map_size, bool),
            "index": np.array(-1, np.int32),
        }
        if self.viewing_times_ms:
            maps = np.zeros((len(self.viewing_times_ms), *self.map_size), np.float32)
            element |= {"timestep_density": maps, "timestep_counts": maps}
        return element


def blur(counts: np.ndarray, sigma_y: float, sigma_x: float) -> np.ndarray:
    """Return counts [h, w] blurred by a Gaussian, with zeros beyond the border.

    Args:
        counts: float32 [h, w].
        sigma_y: Standard deviation down, in cells.
        sigma_x: Standard deviation across, in cells.
    """
    if not counts.any():
        return counts
    return cv2.GaussianBlur(
        counts,
        (_kernel_size(sigma_x), _kernel_size(sigma_y)),
        sigmaX=max(sigma_x, NARROWEST_SIGMA),
        sigmaY=max(sigma_y, NARROWEST_SIGMA),
        borderType=cv2.BORDER_CONSTANT,
    )


def _kernel_size(sigma: float) -> int:
    """Return an odd number of cells that reaches four sigmas to each side."""
    return 2 * int(np.ceil(4 * sigma)) + 1

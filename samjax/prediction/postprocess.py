"""From a map in the network's padded frame to one over the original image."""

import numpy as np

from samjax.data.geometry import unletterbox
from samjax.errors import UserError
from samjax.metrics.ground_truth import gaussian_blur

POSTPROCESS = ("none", "paper")
PAPER_SIGMA = 7.0  # original pixels


def to_original(
    on_canvas: np.ndarray, height: int, width: int, *, density: bool, postprocess: str = "none"
) -> np.ndarray:
    """A map of the frame [h, w] over the original image, float32 [height, width].

    none: the image's part of the frame, resized bilinearly; with `density` divided by its sum.
    paper: what the release does to its maps, see `paper_map`.
    UserError: the map is not finite, or there is no such post-processing.
    """
    if not np.isfinite(on_canvas).all():
        raise UserError("the model's map is not finite; the weights may be damaged")
    if postprocess == "paper":
        return paper_map(on_canvas, height, width).astype(np.float32)
    if postprocess != "none":
        raise UserError(f"no post-processing {postprocess!r}; use one of {', '.join(POSTPROCESS)}")
    image = unletterbox(on_canvas, height, width).astype(np.float32)
    if density and image.any():
        image = (image / image.sum(dtype=np.float64)).astype(np.float32)
    return image


def paper_map(on_canvas: np.ndarray, height: int, width: int) -> np.ndarray:
    """The release's post-processing: 0..255 by the maximum, enlarged until the frame covers the
    image, its centre cut out, blurred with sigma 7 original pixels, 0..255 again.

    float64 [height, width]. Only the part that is cut out is ever computed, so that a very long
    image costs no more than its own pixels.
    """
    rows, columns = on_canvas.shape
    new_rows, new_columns = height, columns * height // rows
    if not height / rows > width / columns:
        new_rows, new_columns = rows * width // columns, width
    scaled = _scale(on_canvas.astype(np.float64))
    part = _resized(scaled, new_rows, (new_rows - height) // 2, height)
    part = _resized(part.T, new_columns, (new_columns - width) // 2, width).T
    return _scale(gaussian_blur(np.ascontiguousarray(part), PAPER_SIGMA))


def _scale(image: np.ndarray) -> np.ndarray:
    peak = image.max()
    return image / peak * 255 if peak > 0 else image


def _resized(image: np.ndarray, size: int, start: int, length: int) -> np.ndarray:
    """Rows start ... start + length of the image resized bilinearly to `size` rows.

    The same as cv2.resize with INTER_LINEAR, followed by the cut.
    """
    source = (np.arange(start, start + length) + 0.5) * (image.shape[0] / max(size, 1)) - 0.5
    source = np.clip(source, 0, image.shape[0] - 1)
    low = np.floor(source).astype(np.int64)
    high = np.minimum(low + 1, image.shape[0] - 1)
    weight = (source - low)[:, None]
    return image[low] * (1 - weight) + image[high] * weight

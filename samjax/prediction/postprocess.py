"""From a map on the network's padded canvas to a map of the original image."""

import numpy as np

from samjax.data.enlarged import Enlarged, unletterbox
from samjax.errors import UserError

POSTPROCESS = ("none", "paper")
PAPER_SIGMA = 7.0  # original pixels


def over_original(
    on_canvas: np.ndarray, height: int, width: int, *, density: bool, postprocess: str = "none"
) -> Enlarged | np.ndarray:
    """Return a map of the canvas [h, w] over the original image [height, width], as float32.

    Args:
        on_canvas: The network's map, padding included.
        height: Height of the original image in pixels.
        width: Width of the original image in pixels.
        density: Whether to divide the map by its sum; a map of zeros stays as it is.
        postprocess: "none" cuts out the part of the canvas that shows the image and resizes it
            bilinearly. "paper" does what the release does to its maps, see `paper_map`, and takes
            no notice of `density`.

    Returns:
        An array, or what makes its rows when they are asked for.

    Raises:
        UserError: The map is not finite, or there is no such post-processing.
    """
    _check_finite(on_canvas)
    if postprocess == "paper":
        return paper_map(on_canvas, height, width).astype(np.float32)
    if postprocess != "none":
        raise UserError(f"no post-processing {postprocess!r}; use one of {', '.join(POSTPROCESS)}")
    image = Enlarged(on_canvas.astype(np.float32, copy=False), height, width)
    total = image.sum()
    return image / total if density and total else image


def to_original(
    on_canvas: np.ndarray, height: int, width: int, *, density: bool, postprocess: str = "none"
) -> np.ndarray:
    """Return a map of the canvas [h, w] as a float32 array [height, width], see `over_original`."""
    return np.asarray(
        over_original(on_canvas, height, width, density=density, postprocess=postprocess)
    )


def log_density_to_original(on_canvas: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a log-density of the canvas [h, w] over the original image, float32 [height, width].

    The density is what is interpolated and divided by its sum, as in `to_original`; but in float64,
    where densities that are too small for float32 keep a finite logarithm.

    Raises:
        UserError: The log-density is not finite.
    """
    _check_finite(on_canvas)
    density = unletterbox(np.exp(on_canvas.astype(np.float64)), height, width)
    return (np.log(density) - np.log(density.sum())).astype(np.float32)


def _check_finite(on_canvas: np.ndarray) -> None:
    """Raise UserError unless every value of the map is finite."""
    if not np.isfinite(on_canvas).all():
        raise UserError("the model's map is not finite; the weights may be damaged")


def paper_map(on_canvas: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the release's map of an image, float64 [height, width] from 0 to 255.

    The map of the canvas [h, w] is scaled to 0..255 by its maximum and enlarged until the canvas
    covers the image; its centre is cut out, blurred with a sigma of 7 original pixels and scaled
    again (`postprocess_predictions` of the code that was released with Cornia et al., IEEE TIP
    2018).

    Only the part that is cut out is ever computed, so that a very long image costs no more than
    its own pixels.
    """
    rows, columns = on_canvas.shape
    if height / rows > width / columns:
        new_rows, new_columns = height, columns * height // rows
    else:
        new_rows, new_columns = rows * width // columns, width
    scaled = _scale_to_255(on_canvas.astype(np.float64))
    part = _resize_rows(scaled, new_rows, (new_rows - height) // 2, height)
    part = _resize_rows(part.T, new_columns, (new_columns - width) // 2, width).T
    # Imported only here: the metrics bring SciPy, which takes longer than a prediction.
    from samjax.metrics.ground_truth import gaussian_blur

    return _scale_to_255(gaussian_blur(np.ascontiguousarray(part), PAPER_SIGMA))


def _scale_to_255(image: np.ndarray) -> np.ndarray:
    """Scale a map so that its maximum is 255; a map of zeros stays as it is."""
    peak = image.max()
    return image / peak * 255 if peak > 0 else image


def _resize_rows(image: np.ndarray, size: int, start: int, length: int) -> np.ndarray:
    """Return rows `start` to `start + length` of the image resized bilinearly to `size` rows.

    It equals cv2.resize with INTER_LINEAR, followed by the cut.
    """
    source = (np.arange(start, start + length) + 0.5) * (image.shape[0] / max(size, 1)) - 0.5
    source = np.clip(source, 0, image.shape[0] - 1)
    lower = np.floor(source).astype(np.int64)
    upper = np.minimum(lower + 1, image.shape[0] - 1)
    weight = (source - lower)[:, None]
    return image[lower] * (1 - weight) + image[upper] * weight

"""Pictures small enough to travel inside a page: photographs and sheets of maps as data URIs."""

import base64
from pathlib import Path

import cv2
import numpy as np

from samjax.data.enlarged import unletterbox
from samjax.pictures.heatmap import heatmap

PHOTO_SIDE = 480  # pixels of the longer side
MAP_SIDE = 160  # pixels of the longer side
PHOTO_QUALITY = 72
LOSSLESS = 101  # OpenCV writes WebP without loss above a quality of 100
MEDIA_TYPES = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}


def fit_size(height: int, width: int, side: int) -> tuple[int, int]:
    """Return the height and width of the same aspect whose longer side is at most `side`."""
    scale = min(1.0, side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def photo_uri(image: np.ndarray) -> str:
    """Return an image, RGB uint8 [H, W, 3], as a small WebP picture."""
    height, width = fit_size(image.shape[0], image.shape[1], PHOTO_SIDE)
    # By areas: shrinking by other ways skips pixels, and fine patterns turn into waves.
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return _webp_uri(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), PHOTO_QUALITY)


def sheet_uri(maps: np.ndarray) -> str:
    """Return maps [T, h, w] as one grey picture [T h, w], one map below the other.

    All maps share one scale, so that timesteps can be compared: 0 is the least value of all of
    them and 255 the largest.
    """
    low, high = float(maps.min()), float(maps.max())
    # A constant map has no range to divide by; it becomes black.
    unit = (maps - low) / (high - low) if high > low else np.zeros_like(maps)
    grey = np.rint(unit * 255).astype(np.uint8)
    return _webp_uri(grey.reshape(-1, maps.shape[-1]), LOSSLESS)


def maps_to_thumbnails(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut the padding from maps of a canvas and resize them to thumbnails of the image.

    Args:
        maps: [T, h, w] over the canvas, which shows an image of this height and width.
        height: The image's height in pixels.
        width: The image's width in pixels.

    Returns:
        [T, h', w'] float32, where the longer side has at most MAP_SIDE pixels.
    """
    size = fit_size(height, width, MAP_SIDE)
    return np.stack([unletterbox(saliency, *size) for saliency in np.asarray(maps, np.float32)])


def density_to_thumbnail(density: np.ndarray) -> np.ndarray:
    """Shrink a density [H, W] to a thumbnail [1, h', w'], the size of `maps_to_thumbnails`."""
    height, width = fit_size(density.shape[0], density.shape[1], MAP_SIDE)
    return cv2.resize(density, (width, height), interpolation=cv2.INTER_AREA)[None]


def colour_table() -> str:
    """Return the colours of the heat maps for the 256 grey levels: base64 of RGB uint8 [256, 3]."""
    levels = np.arange(256, dtype=np.float32)[None]
    return base64.b64encode(heatmap(levels).tobytes()).decode()


def file_uri(path: Path) -> str:
    """Return a picture file as it is; its ending, one of MEDIA_TYPES, says what kind it is."""
    return _data_uri(MEDIA_TYPES[path.suffix.lower()], path.read_bytes())


def _webp_uri(pixels: np.ndarray, quality: int) -> str:
    """Return grey or BGR pixels, uint8, as a WebP picture."""
    _, data = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, quality])
    return _data_uri("image/webp", data.tobytes())


def _data_uri(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"

"""Pictures small enough to travel inside a page: data URIs of WebP, and sheets of grey maps."""

import base64
from pathlib import Path

import cv2
import numpy as np

from samjax.data.geometry import unletterbox
from samjax.pictures.heatmap import heatmap

PHOTO_SIDE = 480  # pixels of the longer side
MAP_SIDE = 160
PHOTO_QUALITY, LOSSLESS = 72, 101  # OpenCV writes WebP without loss above 100
MEDIA = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".webp": "image/webp"}


def fitted(height: int, width: int, side: int) -> tuple[int, int]:
    """Height and width with the same aspect and a longer side of at most `side`."""
    scale = min(1.0, side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def photo_uri(image: np.ndarray) -> str:
    """RGB uint8 [H, W, 3] as a small WebP."""
    height, width = fitted(*image.shape[:2], PHOTO_SIDE)
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return _webp(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), PHOTO_QUALITY)


def sheet_uri(maps: np.ndarray) -> str:
    """Maps [T, h, w] one below the other in grey levels, all on one scale: 0 is the least value
    of all of them and 255 the largest, so that the steps can be compared."""
    low, high = float(maps.min()), float(maps.max())
    unit = (maps - low) / (high - low) if high > low else np.zeros_like(maps)
    grey = np.rint(unit * 255).astype(np.uint8)
    return _webp(grey.reshape(-1, maps.shape[-1]), LOSSLESS)


def framed_to_sheet(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Maps [T, h, w] of the network's frame, cut to an image of height x width: [T, h', w']."""
    size = fitted(height, width, MAP_SIDE)
    return np.stack([unletterbox(m, *size) for m in np.asarray(maps, np.float32)])


def shrunk(density: np.ndarray) -> np.ndarray:
    """A density [H, W] at the size of the maps, [1, h', w']."""
    height, width = fitted(*density.shape, MAP_SIDE)
    return cv2.resize(density, (width, height), interpolation=cv2.INTER_AREA)[None]


def colours() -> str:
    """The 256 colours of the heat maps, RGB, as base64."""
    levels = np.arange(256, dtype=np.float32)[None]
    return base64.b64encode(heatmap(levels).tobytes()).decode()


def file_uri(path: Path) -> str:
    """A picture file as it is."""
    return _uri(MEDIA[path.suffix.lower()], path.read_bytes())


def _webp(pixels: np.ndarray, quality: int) -> str:
    _, data = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, quality])
    return _uri("image/webp", data.tobytes())


def _uri(media: str, data: bytes) -> str:
    return f"data:{media};base64,{base64.b64encode(data).decode()}"

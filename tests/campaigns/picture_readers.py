"""Readers of photographs and stimuli, of each format that people have."""

from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from samjax.data.images import check_image, decode_density, decode_stimulus, read_photo
from tests.campaigns.readers import Reader

FORMATS = {
    "png": ("PNG", "RGB"),
    "png-palette": ("PNG", "P"),
    "png-alpha": ("PNG", "RGBA"),
    "jpg": ("JPEG", "RGB"),
    "jpg-cmyk": ("JPEG", "CMYK"),
    "webp": ("WEBP", "RGB"),
    "gif": ("GIF", "P"),
    "tif": ("TIFF", "RGB"),
    "tif-lab": ("TIFF", "LAB"),
    "bmp": ("BMP", "RGB"),
    "ppm": ("PPM", "RGB"),
    "jp2": ("JPEG2000", "RGB"),
    "tga": ("TGA", "RGBA"),
    "ico": ("ICO", "RGBA"),
    "avif": ("AVIF", "RGB"),
}


def _write(path: Path, format: str, mode: str) -> None:
    """Write a small picture with a gradient and an orientation."""
    y, x = np.mgrid[:24, :32]
    pixels = np.stack([8 * x, 10 * y, 255 - 8 * x], -1).astype(np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif} if format in ("JPEG", "PNG", "WEBP", "AVIF") else {}
    image.save(path, format, **options)


def _write_grey(path: Path) -> None:
    Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100).save(path)


def _stimulus(path: Path) -> None:
    data = path.read_bytes()
    decode_stimulus(data)
    decode_stimulus(data, 2)


READERS = (
    *(
        Reader(
            f"photo-{name}",
            f"a.{name.split('-')[0]}",
            partial(_write, format=f, mode=m),
            read_photo,
        )
        for name, (f, m) in FORMATS.items()
    ),
    Reader("stimulus-jpg", "a.jpg", partial(_write, format="JPEG", mode="RGB"), _stimulus),
    Reader("stimulus-png", "a.png", partial(_write, format="PNG", mode="RGB"), _stimulus),
    Reader("check-png", "a.png", _write_grey, lambda path: check_image(path.read_bytes())),
    Reader("density-png", "a.png", _write_grey, lambda path: decode_density(path.read_bytes())),
)

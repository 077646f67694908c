"""Photographs, stimuli and what training decodes are the same pixels, whatever the file."""

import io

import cv2
import numpy as np
import pytest
from example_factory import make_example
from PIL import Image

from samjax.data.decoding import DecodedSource
from samjax.data.image_headers import stored_size
from samjax.data.images import check_image, decode_stimulus, read_photo
from samjax.data.pixels import grey_to_8_bit
from samjax.errors import UserError
from samjax.prediction.photo import read_pixels

HEIGHT, WIDTH = 24, 32


def gradient() -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([8 * x, 10 * y, 255 - 8 * x], -1).astype(np.uint8)


def pillow(mode: str, format: str, **options):
    image = Image.fromarray(gradient()).convert(mode)
    if "A" in mode and mode != "LAB":
        image.putalpha(Image.fromarray(gradient()[..., 0]))
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def opencv(array: np.ndarray, ending: str) -> bytes:
    return cv2.imencode(ending, array)[1].tobytes()


def palette() -> bytes:
    image = Image.fromarray(gradient()[..., 0] // 64).convert("P")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=0)
    return buffer.getvalue()


def grey(dtype, top) -> bytes:
    values = np.linspace(0, top, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(dtype)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "TIFF")
    return buffer.getvalue()


FILES = {
    **{f"{m}.png": pillow(m, "PNG") for m in ("1", "L", "LA", "P", "RGB", "RGBA")},
    **{f"{m}.tif": pillow(m, "TIFF") for m in ("1", "L", "RGB", "RGBA", "CMYK", "LAB")},
    **{f"{m}.jpg": pillow(m, "JPEG") for m in ("L", "RGB", "CMYK")},
    "progressive.jpg": pillow("RGB", "JPEG", progressive=True, subsampling=2),
    "icc.jpg": pillow("RGB", "JPEG", icc_profile=b"no profile at all"),
    "transparent.png": palette(),
    "alpha.webp": pillow("RGBA", "WEBP", lossless=True, exact=True),
    "lossy.webp": pillow("RGB", "WEBP"),
    "a.gif": pillow("P", "GIF"),
    "a.bmp": pillow("RGB", "BMP"),
    "a.tga": pillow("RGBA", "TGA"),
    "a.ico": pillow("RGBA", "ICO", sizes=[(WIDTH, HEIGHT)]),
    "a.jp2": pillow("RGB", "JPEG2000"),
    "a.avif": pillow("RGB", "AVIF"),
    "a.ppm": pillow("RGB", "PPM"),
    "grey16.png": opencv(np.arange(768, dtype=np.uint16).reshape(24, 32) * 85, ".png"),
    "rgb16.png": opencv(gradient().astype(np.uint16) * 257, ".png"),
    "rgb16.tif": opencv(gradient().astype(np.uint16) * 257, ".tif"),
    "float1.tif": grey(np.float32, 1),
    "float255.tif": grey(np.float32, 255),
    "int32.tif": grey(np.int32, 255),
}


@pytest.mark.parametrize("name", FILES)
def test_every_path_of_the_program_sees_the_same_pixels(tmp_path, name):
    data, path = FILES[name], tmp_path / name
    path.write_bytes(data)
    pixels = read_photo(path)
    assert (pixels.dtype, pixels.shape[2]) == (np.uint8, 3)
    assert pixels.shape[:2] == check_image(data) == stored_size(data)
    decoded = DecodedSource([make_example(data, (), *pixels.shape[:2])], range(1))[0].image
    others = [decode_stimulus(data), decoded]
    if name != "rgb16.tif":  # which Pillow itself cannot open
        with Image.open(path) as image:
            others.append(read_pixels(image))
    for other in others:
        np.testing.assert_array_equal(other, pixels)


def test_what_is_transparent_lies_over_white():
    rgba = np.dstack([gradient(), np.zeros((HEIGHT, WIDTH), np.uint8)])
    for ending in (".png", ".tiff"):
        assert (decode_stimulus(opencv(rgba, ending)) == 255).all()


def test_sixteen_bits_of_colours_are_scaled():
    for name in ("rgb16.png", "rgb16.tif"):
        np.testing.assert_array_equal(decode_stimulus(FILES[name]), gradient()[..., ::-1])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 65535, 128 * 257]], np.uint16), [0, 255, 128]),
        (np.array([[0, 255, 128]], np.int32), [0, 255, 128]),
        (np.array([[0, 65535, 128 * 257]], np.int32), [0, 255, 128]),
        (np.array([[0, 1, 0.5]], np.float32), [0, 255, 128]),
        (np.array([[0, 255, 128]], np.float32), [0, 255, 128]),
    ],
)
def test_grey_values_of_many_bits_keep_their_range(values, expected):
    assert grey_to_8_bit(values).ravel().tolist() == expected


@pytest.mark.parametrize("low_and_high", [(-1, 1), (0, 1e6), (0, np.nan), (0, np.inf)])
def test_values_of_no_known_range_are_refused(low_and_high):
    with pytest.raises(UserError, match="in no range that is known"):
        grey_to_8_bit(np.array([low_and_high], np.float32))

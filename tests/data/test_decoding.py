"""Images are decoded no larger than needed and no more often than memory allows."""

import io
import pickle

import cv2
import numpy as np
import pytest
from example_factory import make_example
from PIL import Image

from samjax.data.decoding import DecodedSource, Reduction
from samjax.data.geometry import letterbox
from samjax.data.images import decode_stimulus
from samjax.errors import UserError


def smooth(height: int, width: int) -> np.ndarray:
    """A picture with edges and texture, as photographs have them."""
    noise = np.random.default_rng(0).uniform(0, 255, (height, width, 3)).astype(np.float32)
    image = 6 * (cv2.GaussianBlur(noise, (0, 0), 4) - 127.5) + 127.5
    image[height // 3 : height // 2, width // 4 : width // 2] = (230, 30, 60)
    return np.clip(image, 0, 255).astype(np.uint8)


def encode(image: np.ndarray, format: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format, quality=90)
    return buffer.getvalue()


class Counting(list):
    reads = 0

    def __getitem__(self, i):
        self.reads += 1
        return super().__getitem__(i)


@pytest.mark.parametrize(
    ("size", "options", "divisor"),
    [
        ((480, 640), {}, 4),
        ((480, 640), {"zoom": 1.5}, 2),
        ((480, 640), {"zoom": 3.0}, 1),
        ((480, 1280), {}, 8),
        ((480, 1280), {"fills": True}, 4),
        ((482, 640), {}, 2),  # a quarter would not be whole rows
        ((481, 640), {}, 1),
        (None, {}, 1),
    ],
)
def test_an_image_is_never_reduced_below_what_the_canvas_shows(size, options, divisor):
    assert Reduction((120, 160), **options).of(size) == divisor


@pytest.mark.parametrize("canvas", [(240, 320), (120, 160), (60, 80), (100, 90)])
def test_a_reduced_image_looks_the_same_on_the_canvas(canvas):
    photo = encode(smooth(480, 640))
    source = DecodedSource(
        [make_example(photo, (), 480, 640)], range(1), reduction=Reduction(canvas)
    )
    reduced = source[0].image
    assert reduced.shape[0] in (240, 120, 60)
    window = letterbox(480, 640, *canvas)
    near = window.render(reduced, *canvas).astype(float)
    exact = window.render(decode_stimulus(photo), *canvas)
    assert np.abs(near - exact).mean() < 1.5  # colours without correlation: harder than photographs
    assert np.percentile(np.abs(near - exact), 99) <= 6


def test_other_formats_are_decoded_whole():
    photo = encode(smooth(96, 128), "PNG")
    decoded = DecodedSource(
        [make_example(photo, (), 96, 128)], range(1), reduction=Reduction((12, 16))
    )[0]
    assert decoded.image.shape == (96, 128, 3)


def test_a_cache_reads_each_image_once_and_gives_the_same():
    source = Counting(make_example(encode(smooth(48, 64)), (), 48, 64) for _ in range(3))
    kept = DecodedSource(source, range(3), cache_mib=1)
    first = [kept[i].image for i in range(3)]
    again = [kept[i].image for i in range(3)]
    assert source.reads == 3
    assert all(a is b for a, b in zip(first, again, strict=True))


def test_a_full_cache_keeps_what_it_has_and_reads_the_rest_again():
    image = encode(smooth(48, 64))  # 9 KiB decoded
    source = Counting(make_example(image, (), 48, 64) for _ in range(3))
    kept = DecodedSource(source, range(3), cache_mib=20 / 1024)
    for _ in range(3):
        for i in range(3):
            kept[i]
    assert source.reads == 2 + 3


def test_another_process_starts_with_an_empty_cache():
    kept = DecodedSource([make_example(encode(smooth(48, 64)), (), 48, 64)], range(1), cache_mib=1)
    kept[0]
    assert len(pickle.dumps(kept)) < 48 * 64
    assert pickle.loads(pickle.dumps(kept))[0].image.shape == (48, 64, 3)


def test_beyond_the_end_there_is_nothing():
    decoded = DecodedSource([make_example(encode(smooth(8, 8)), (), 8, 8)], [0], offset=7, length=4)
    assert [decoded[i].index for i in range(4)] == [7, -1, -1, -1]


def test_an_image_that_cannot_be_decoded_is_named_with_the_remedy():
    broken = make_example(encode(smooth(60, 80))[:200], height=60, width=80, image_id="cut")
    with pytest.raises(UserError, match=r"image cut: .*samjax prepare --check"):
        DecodedSource([broken], range(1))[0]

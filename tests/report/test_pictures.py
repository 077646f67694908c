"""Pictures of the page: their sizes, the common scale of a sheet, and what a data URI holds."""

import base64

import cv2
import numpy as np
import pytest

from samjax.report import pictures


def decode(uri: str) -> np.ndarray:
    data = base64.b64decode(uri.removeprefix("data:image/webp;base64,"))
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    ("size", "expected"), [((480, 640), (120, 160)), ((10, 20), (10, 20)), ((1, 4000), (1, 160))]
)
def test_sizes_keep_their_aspect_and_are_never_enlarged(size, expected):
    assert pictures.fit_size(*size, 160) == expected


def test_a_sheet_has_its_maps_below_each_other_on_one_scale():
    maps = np.stack([np.zeros((4, 6)), np.full((4, 6), 2.0), np.full((4, 6), 4.0)])
    sheet = decode(pictures.sheet_uri(maps))
    assert sheet.shape == (12, 6, 3)
    assert sheet[::4, 0, 0].tolist() == [0, 128, 255]


def test_a_constant_map_is_black():
    assert decode(pictures.sheet_uri(np.ones((1, 4, 6)))).max() == 0


def test_a_photograph_keeps_its_colours_and_is_small():
    photo = np.full((600, 800, 3), (200, 100, 50), np.uint8)
    small = decode(pictures.photo_uri(photo))
    assert small.shape == (360, 480, 3)
    # Lossy WebP keeps a flat colour to a few levels; OpenCV decodes to BGR.
    assert np.abs(small.astype(int) - (50, 100, 200)).max() <= 6


def test_thumbnails_show_the_image_without_the_padding():
    canvas = np.zeros((1, 30, 40), np.float32)
    canvas[:, 10:20] = 1.0  # an image of 1:4 lies in the middle rows
    thumbnails = pictures.maps_to_thumbnails(canvas, 100, 400)
    assert thumbnails.shape == (1, 40, 160)
    assert thumbnails.min() == 1.0
    assert pictures.density_to_thumbnail(np.ones((100, 400))).shape == (1, 40, 160)


def test_the_colour_table_has_a_colour_for_each_grey_level():
    table = np.frombuffer(base64.b64decode(pictures.colour_table()), np.uint8).reshape(256, 3)
    brightness = table.astype(int).sum(axis=1)
    assert brightness[0] < brightness[128] < brightness[255]

"""Shapes as people write them, and the windows that they allow."""

from fractions import Fraction
from itertools import pairwise

import pytest

from samjax.analysis.shapes import read_shape, window_sizes
from samjax.errors import UserError


@pytest.mark.parametrize(
    ("text", "name", "ratio", "size"),
    [
        ("16:9", "16x9", Fraction(16, 9), None),
        (" 1.91:1 ", "1.91x1", Fraction("1.91"), None),
        ("800x450", "800x450", Fraction(16, 9), (800, 450)),
        ("800X450", "800x450", Fraction(16, 9), (800, 450)),
    ],
)
def test_shapes_are_read(text, name, ratio, size):
    assert read_shape(text) == (name, ratio, size)


@pytest.mark.parametrize(
    "text", ["", "16", "16:", "a:b", "0:1", "-1:2", "1:0", "nan:1", "8.5x3", "1:2:3"]
)
def test_what_is_no_shape_is_named(text):
    with pytest.raises(UserError, match=repr(text)):
        read_shape(text)


@pytest.mark.parametrize("ratio", [Fraction(1), Fraction(16, 9), Fraction(9, 16), Fraction("1.91")])
@pytest.mark.parametrize("picture", [(30, 40), (40, 30), (1, 1), (7, 100), (100, 7)])
def test_windows_grow_fit_and_end_with_the_largest(ratio, picture):
    height, width = picture
    sizes = window_sizes(ratio, height, width)
    assert all(1 <= h <= height and 1 <= w <= width for h, w in sizes)
    assert all(a[0] <= b[0] and a[1] <= b[1] and a != b for a, b in pairwise(sizes))
    h, w = sizes[-1]
    # One pixel more on the longer side would not fit.
    longer = (w + 1, (w + 1) / ratio) if ratio >= 1 else ((h + 1) * ratio, h + 1)
    assert longer[0] >= width + Fraction(1, 2) or longer[1] >= height + Fraction(1, 2)
    assert all(
        abs(w / ratio - h) <= Fraction(1, 2) or abs(h * ratio - w) <= Fraction(1, 2)
        for h, w in sizes
    )


def test_sizes_of_the_turned_picture_are_turned():
    turned = [(h, w) for w, h in window_sizes(Fraction(9, 16), 40, 30)]
    assert turned == window_sizes(Fraction(16, 9), 30, 40)


def test_a_picture_too_small_for_a_ratio_is_named():
    with pytest.raises(UserError, match=r"5x5 .* 100:1"):
        window_sizes(Fraction(100), 5, 5)

"""What a map of another size than its image may be: one rule for scoring and for packing.

A map of the image's size is taken as it is. One of the size of the image FILE, which may be smaller
than the stimulus, and one of another size with the image's aspect can be resized. Everything else
is asked about, because a resized map would look right and score wrong: exchanged axes (what MATLAB
writes by h5write, or an array [x, y]), a map of the picture as its EXIF data turn it, and another
aspect (a map with its padding, or one of the picture drawn to a square).
"""

from typing import NamedTuple

import numpy as np

from samjax.data.orientation import exchanges_sides, turned, turned_back
from samjax.errors import UserError

ORIENTATIONS = ("stored", "upright")
ROUNDING = 1.0
"""Pixels of the map by which a side may differ from the image's aspect."""

Size = tuple[int, int]


class SizeOptions(NamedTuple):
    """What the user says about the maps.

    Attributes:
        transpose: Whether their axes are exchanged.
        stretch: Whether maps of another aspect cover their whole image.
        orientation: "stored" where maps of images with an EXIF orientation lie on the pixels as
            they are stored, "upright" where they lie on the picture as people see it; "" if that
            was not said.
    """

    transpose: bool = False
    stretch: bool = False
    orientation: str = ""


class ImageSize(NamedTuple):
    """What is known of an image.

    Attributes:
        shown: (height, width) of the stimulus, in whose pixels fixations are.
        stored: (height, width) of its file, which may be another one.
        exif: The orientation in its EXIF data, 1 if it has none.
    """

    shown: Size
    stored: Size
    exif: int = 1


def fit(values: np.ndarray, image: ImageSize, options: SizeOptions) -> np.ndarray:
    """Return a map [h, w] as it lies on its image, of its own size still.

    Args:
        values: The map.
        image: Its image.
        options: What the user says.

    Raises:
        UserError: The map may be several things; the message begins in the middle of a line, behind
            the name of the file.
    """
    if options.transpose:
        values = np.ascontiguousarray(values.T)
    values = _unturned(values, image, options)
    height, width = image.shown
    if has_aspect(values.shape, image.shown):
        return values
    sizes = f"the map is {values.shape}, the image {image.shown} (height, width)"
    if values.shape == (width, height):
        raise UserError(
            f"{sizes}: its axes are exchanged, or it is turned; --transpose exchanges them back"
        )
    if not options.stretch:
        raise UserError(
            f"{sizes}, of another aspect: cut its padding off, or give --stretch if maps cover the "
            "whole image"
        )
    return values


def has_aspect(size: tuple[int, ...], other: Size) -> bool:
    """Return whether a size (height, width) is another one scaled, within a pixel of rounding."""
    height, width = size
    return (
        abs(height - other[0] * width / other[1]) <= ROUNDING
        or abs(width - other[1] * height / other[0]) <= ROUNDING
    )


def _unturned(values: np.ndarray, image: ImageSize, options: SizeOptions) -> np.ndarray:
    """Return a map on the stimulus's pixels, if the image's EXIF data turn it."""
    if image.exif == 1:
        return values
    if _was_shown_upright(image):  # its fixations lie on the turned picture
        is_stored = options.orientation == "stored" or has_aspect(values.shape, image.stored)
        return turned(values, image.exif) if is_stored else values
    if options.orientation == "stored":
        return values
    if options.orientation == "upright":
        return turned_back(values, image.exif)
    height, width = image.stored
    sides_tell = exchanges_sides(image.exif) and not has_aspect((width, height), image.stored)
    if sides_tell and has_aspect(values.shape, (width, height)):
        return turned_back(values, image.exif)
    if sides_tell and has_aspect(values.shape, image.stored):
        return values
    raise UserError(
        f"its image has the EXIF orientation {image.exif}, and the map {values.shape} does not "
        "tell on which pixels it lies; give --orientation=stored, or upright as `samjax predict` "
        "turns pictures"
    )


def _was_shown_upright(image: ImageSize) -> bool:
    """Return whether the stimulus has the sides of the turned picture, not of the stored one."""
    is_turned = exchanges_sides(image.exif) and has_aspect(image.shown[::-1], image.stored)
    return is_turned and not has_aspect(image.shown, image.stored)

"""Fixations of one image on their way from raw files to an example.

Points outside their image are not left out here. They are found, counted and left out where
examples are written (`samjax.data.prepare.load_item`).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from samjax.data.example import Example
from samjax.data.image_headers import stored_size
from samjax.errors import UserError


class Points(NamedTuple):
    """N fixations.

    Attributes:
        xy: float32 [N, 2], positions (x, y) in original pixels, 0-based.
        subject: int32 [N], -1 if unknown.
        duration_ms: float32 [N], nan if unknown.
        order: int32 [N], the number of the fixation in its trial from 0, -1 if unknown.
    """

    xy: np.ndarray
    subject: np.ndarray
    duration_ms: np.ndarray
    order: np.ndarray


def make_points(
    xy: ArrayLike,
    subject: ArrayLike = -1,
    duration_ms: ArrayLike = math.nan,
    order: ArrayLike = -1,
) -> Points:
    """Return points from positions and what is known of each.

    Args:
        xy: [N, 2], or anything that is empty.
        subject: [N], or one value that holds for all.
        duration_ms: As `subject`.
        order: As `subject`.

    Raises:
        UserError: A column has another number of values than there are positions.
    """
    # By way of float64, because unsigned whole numbers would wrap around below zero.
    with np.errstate(over="ignore"):  # what float32 does not hold is infinite, and outside
        xy = np.asarray(xy, np.float64).reshape(-1, 2).astype(np.float32)
    return Points(
        xy,
        _column(subject, np.int32, len(xy)),
        _column(duration_ms, np.float32, len(xy)),
        _column(order, np.int32, len(xy)),
    )


def scanpath(xy: ArrayLike, subject: int, duration_ms: ArrayLike = math.nan) -> Points:
    """Return one subject's fixations [N, 2] in the order of time, which numbers them."""
    xy = np.asarray(xy, np.float64).reshape(-1, 2)
    return make_points(xy, subject, duration_ms, np.arange(len(xy)))


def concatenate(parts: Sequence[Points]) -> Points:
    """Return the points of all parts, in the order given."""
    if not parts:
        return make_points(())
    return Points(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def no_points() -> Points:
    """Return the points of an image without fixations."""
    return make_points(())


def to_zero_based(xy: ArrayLike) -> np.ndarray:
    """Return 1-based positions of any type as 0-based ones, float64; empty stays empty."""
    return np.asarray(xy, np.float64) - 1


def are_inside(xy: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return for each of the positions [N, 2] whether it is on an image of this size, bool [N]."""
    # An integer is a pixel's centre, so the image reaches half a pixel beyond. nan is not inside.
    end = np.array([[width, height]], np.float32) - 0.5
    return np.all((xy >= -0.5) & (xy < end), axis=-1)


def make_example(image_id: str, image: bytes, points: Points, density: bytes = b"") -> Example:
    """Return the example of an image file that is the stimulus itself, pixel by pixel.

    Args:
        image_id: The file's name without its ending.
        image: The bytes of the image file.
        points: The fixations on it.
        density: The bytes of the published map, empty if there is none.
    """
    # Without EXIF rotation: fixations are positions among the pixels as they are stored.
    height, width = stored_size(image)
    return Example(
        image=image,
        image_id=image_id,
        height=height,
        width=width,
        points=points.xy,
        subject=points.subject,
        duration_ms=points.duration_ms,
        order=points.order,
        density=density,
    )


def _column(values: ArrayLike, dtype: type, count: int) -> np.ndarray:
    """Return [count] values of a type, from as many or from one for all."""
    try:
        with np.errstate(over="ignore"):
            column: np.ndarray = np.asarray(values, dtype)
    except OverflowError as error:
        raise UserError(f"a number is too large for {dtype.__name__}; mend the file") from error
    if column.ndim == 0:
        return np.full(count, column)
    if column.size != count:
        raise UserError(f"{column.size} values belong to {count} fixations; mend the file")
    return column.reshape(count).copy()

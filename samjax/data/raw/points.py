"""Fixations of one image on their way from raw files to an example.

Nothing is left out here: points outside their image are found, counted and left out where examples
are written (`samjax.data.prepare.write_items`).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from samjax.data.example import Example
from samjax.data.images import stored_size
from samjax.data.raw.problems import Fault
from samjax.errors import UserError


class Points(NamedTuple):
    """N fixations: xy [N, 2] (0-based original pixels), the other columns [N]."""

    xy: np.ndarray
    subject: np.ndarray
    duration_ms: np.ndarray
    order: np.ndarray


def points(xy, subject=-1, duration_ms=math.nan, order=-1) -> Points:
    """Points from [N, 2] or anything empty; a single value of a column holds for all of them."""
    # Unsigned whole numbers would wrap around below zero.
    xy = np.asarray(xy, np.float64).reshape(-1, 2).astype(np.float32)
    columns = [
        _column(values, dtype, len(xy))
        for values, dtype in ((subject, np.int32), (duration_ms, np.float32), (order, np.int32))
    ]
    return Points(xy, *columns)


def scanpath(xy, subject: int, duration_ms=math.nan) -> Points:
    """One subject's fixations in order of time."""
    xy = np.asarray(xy, np.float64).reshape(-1, 2)
    return points(xy, subject, duration_ms, np.arange(len(xy)))


def concatenate(parts: Sequence[Points]) -> Points:
    """All points of several, in the order given."""
    if not parts:
        return points(())
    return Points(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def from_one(xy) -> np.ndarray:
    """1-based positions to 0-based ones, whatever their type; keeps empties."""
    return np.asarray(xy, np.float64) - 1


def example(image_id: str, image: bytes, fixations: Points, density: bytes = b"") -> Example:
    """An example whose stimulus is the image file itself."""
    height, width = stored_size(image)
    return Example(
        image=image,
        image_id=image_id,
        height=height,
        width=width,
        points=fixations.xy,
        subject=fixations.subject,
        duration_ms=fixations.duration_ms,
        order=fixations.order,
        density=density,
    )


def other_size(found: Example, height: int, width: int) -> tuple[Fault, ...]:
    """A fault if the annotations state another size than the image file has."""
    if (found.height, found.width) == (height, width):
        return ()
    what = f"the file has {found.width} x {found.height} pixels, the annotations {width} x {height}"
    return (Fault("size differs from its annotations", found.image_id, what),)


def _column(values, dtype: type, count: int) -> np.ndarray:
    column = np.asarray(values, dtype)
    if column.ndim and column.size != count:
        raise UserError(f"{column.size} values belong to {count} fixations; mend the file")
    return np.broadcast_to(column.ravel() if column.ndim else column, count).copy()


def odd_trials(image_id: str, trials: Sequence[Points]) -> tuple[Fault, ...]:
    """A fault for each trial without a fixation, and for each fixation where the one before was."""
    found = []
    for number, trial in enumerate(trials, 1):
        if not len(trial.xy):
            found.append(Fault("empty trial", image_id, f"trial {number} has no fixation"))
        for i in np.flatnonzero((np.diff(trial.xy, axis=0) == 0).all(axis=1)).tolist():
            what = f"trial {number}, fixation {i + 1} is where the one before it was"
            found.append(Fault("repeated point", image_id, what))
    return tuple(found)


def wrong_size(found: Example, height: int, width: int) -> tuple[Fault, ...]:
    """A fault if an image is not of the size that all images of its dataset have."""
    if (found.height, found.width) == (height, width):
        return ()
    what = f"{found.width} x {found.height} pixels, not {width} x {height}"
    return (Fault("wrong size", found.image_id, what),)

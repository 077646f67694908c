"""One item of a dataset: loaded, checked and serialized. This is what worker processes do."""

import hashlib
from typing import NamedTuple

import numpy as np

from samjax.data.example import PER_FIXATION, Example
from samjax.data.images import check_image, decode_density, decode_stimulus
from samjax.data.prepare.report import ShardReport
from samjax.data.prepare.shards import serialize
from samjax.data.raw.dataset_spec import Item
from samjax.data.raw.names import shown
from samjax.data.raw.plausibility import measure
from samjax.data.raw.points import Points, are_inside
from samjax.data.raw.problems import Problem
from samjax.errors import UserError, one_line

Items = dict[str, list[Item]]
"""{split: items in the order in which they are written}."""


class SerializedItem(NamedTuple):
    """An item as it is written.

    Attributes:
        record: The serialized example, None if the item cannot be used.
        report: What a report of this item alone says.
    """

    record: bytes | None
    report: ShardReport


def load_item(items: Items, key: tuple[str, int]) -> SerializedItem:
    """Load an item and check all of it. Points outside its image are left out with a warning.

    Args:
        items: All items of the dataset.
        key: The split of the item, and its number there.

    Raises:
        ValueError: The item loads an example of another id; that is a mistake of its builder.
    """
    split, number = key
    item, report = items[split][number], ShardReport()
    try:
        example, warnings = item.load()
        pixels, digest = _check_contents(example)
    except Exception as error:  # whatever a file of others can cause must not end the run
        report.errors.add("unusable image", shown(item.image_id), _reason(error))
        return SerializedItem(None, report)
    if example.image_id != item.image_id:
        raise ValueError(f"item {item.image_id} loads an example named {example.image_id}")
    report.gaze = measure(_points(example), example.height, example.width)
    # Eye trackers record gaze beside the image; such points are no reason to lose the others.
    example, outside = _without_points_outside(example)
    report.warnings.take((*warnings, *outside))
    report.densities = int(bool(example.density))
    report.pictures = {digest: [example.image_id]}
    report.images, report.fixations = 1, len(example.points)
    report.subjects = {int(subject) for subject in example.subject if subject >= 0}
    report.resized = int(pixels != (example.height, example.width))
    return SerializedItem(serialize(example), report)


def _check_contents(example: Example) -> tuple[tuple[int, int], str]:
    """Return (height, width) of the image's pixels, and a digest of them.

    Raises:
        UserError: The image or the density cannot be decoded.
    """
    try:
        pixels = check_image(example.image)
        # Of the pixels, because the same picture may be stored in two ways.
        decoded = decode_stimulus(example.image)
    except UserError as error:
        raise UserError(f"the image cannot be decoded: {error}") from error
    digest = hashlib.sha256(repr(decoded.shape).encode())
    digest.update(np.ascontiguousarray(decoded).data)
    if example.density:
        decode_density(example.density)
    return pixels, digest.hexdigest()[:16]


def _points(example: Example) -> Points:
    return Points(*(np.asarray(getattr(example, name)) for name in PER_FIXATION))


def _reason(error: Exception) -> str:
    """Return an error's message; with its type, where it was not made for users."""
    if isinstance(error, UserError | OSError):
        return one_line(error)
    return f"cannot be read ({type(error).__name__}: {one_line(error)})"


def _without_points_outside(example: Example) -> tuple[Example, list[Problem]]:
    """Return the example without points outside its image, and a warning for each of them."""
    points = np.asarray(example.points, np.float32).reshape(-1, 2)
    inside = are_inside(points, example.height, example.width)
    if inside.all():
        return example, []
    where = f"{example.image_id} ({example.width} x {example.height})"
    warnings = []
    for i in np.flatnonzero(~inside).tolist():
        x, y = points[i]
        what = f"fixation {i} at ({x:g}, {y:g})"
        warnings.append(Problem("point outside its image", where, what))
    return example.select(inside), warnings

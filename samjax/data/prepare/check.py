"""The check of a prepared dataset: every record, image, point and density, and the counts."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow_datasets as tfds

from samjax.console.progress import track
from samjax.data.dataset import Dataset
from samjax.data.example import PER_FIXATION, Example
from samjax.data.images import check_image, decode_density
from samjax.data.prepare.workers import in_order
from samjax.data.raw.plausibility import GazeStatistics, measure
from samjax.data.raw.points import Points, are_inside
from samjax.data.shard_files import shards
from samjax.data.sources import Source
from samjax.errors import UserError, one_line

COLUMNS = ("subject", "duration_ms", "order")


class CheckedRecord(NamedTuple):
    """What the check of a record found.

    Attributes:
        image_id: The id of its image, "" if it cannot be read.
        errors: What is wrong with it.
        resized: What size its image has, if that is not the stated one; else "".
        gaze: Statistics of its fixations.
    """

    image_id: str
    errors: list[str]
    resized: str = ""
    gaze: GazeStatistics = GazeStatistics()


def check_dataset(
    dataset: Dataset, declared: int | None, jobs: int = 1, gaze: GazeStatistics | None = None
) -> Iterator[str]:
    """Yield a line for each error.

    Args:
        dataset: The prepared dataset.
        declared: How many images are known to have other pixels than their height and width say,
            because the stimulus was shown at another size; None if unknown.
        jobs: How many processes check the records.
        gaze: Gets the statistics of all fixations.
    """
    gaze = GazeStatistics() if gaze is None else gaze
    first_place: dict[str, str] = {}
    resized = []
    for split in dataset.splits:
        shard_errors = list(check_shards(dataset, split))
        yield from shard_errors
        if shard_errors:
            continue  # the records of such a split cannot be numbered
        for where, record in _check_records(dataset, split, jobs):
            image_id = record.image_id
            gaze.include(record.gaze)
            yield from (f"{where} {image_id}: {error}" for error in record.errors)
            if record.resized:
                resized.append(f"{where} {image_id}: {record.resized}")
            if image_id in first_place:
                yield f"{where} {image_id}: {first_place[image_id]} has the same image id"
            if image_id:
                first_place.setdefault(image_id, where)
    # Where none is declared, each one is an error; else only a different number is.
    if declared == 0:
        yield from resized
    elif declared is not None and declared != len(resized):
        yield f"{len(resized)} images have another size, but report.json declares {declared}"


def _check_records(dataset: Dataset, split: str, jobs: int) -> Iterator[tuple[str, CheckedRecord]]:
    """Yield ('SPLIT[i]', what was found) for each record of a split."""
    source = Source(dataset, split)
    records = in_order(check_record, source, range(len(source)), jobs)
    shown = track(records, len(source), f"{dataset.name} {split}: checking")
    for i, record in enumerate(shown):
        yield f"{split}[{i}]", record


def check_shards(dataset: Dataset, split: str) -> Iterator[str]:
    """Yield a line for each shard that is missing or damaged, or of another length than stated."""
    # A split may be a slice, or a sum of several.
    names = {part.split("[")[0] for part in split.split("+")}
    info = tfds.builder_from_directory(dataset.directory).info
    for shard in shards(info):
        if shard.split in names and (error := shard.error()):
            yield error


def check_record(source: Source, number: int, decode: bool = True) -> CheckedRecord:
    """Read record `number` of a split and check it.

    Args:
        source: The split.
        number: Of the record.
        decode: Whether its image and density are checked, too.
    """
    try:
        example = source[number]
    except Exception as error:  # whatever a reader or a parser makes of damaged bytes
        return CheckedRecord("", [f"the record cannot be read: {one_line(error)}"])
    errors = [*_check_points(example)]
    columns = (np.asarray(getattr(example, name)) for name in PER_FIXATION)
    gaze = measure(Points(*columns), example.height, example.width)
    if not decode:
        return CheckedRecord(example.image_id, errors, gaze=gaze)
    if not example.image_id:
        errors.append("the image id is empty")
    try:
        if example.density:
            decode_density(example.density)
    except UserError as error:
        errors.append(f"density: {error}")
    try:
        size = check_image(example.image)
    except UserError as error:
        return CheckedRecord(example.image_id, [f"the image cannot be decoded: {error}", *errors])
    if size == (example.height, example.width):
        return CheckedRecord(example.image_id, errors, gaze=gaze)
    stated = f"{example.width} x {example.height}"
    resized = f"the image has {size[1]} x {size[0]} pixels, not {stated}"
    return CheckedRecord(example.image_id, errors, resized, gaze)


def _check_points(example: Example) -> Iterator[str]:
    """Yield a line for each column of another length, and for each point outside the image."""
    points = example.points
    for name in COLUMNS:
        if len(getattr(example, name)) != len(points):
            yield f"{name} has {len(getattr(example, name))} values for {len(points)} fixations"
    outside = ~are_inside(points, example.height, example.width)
    for i in np.flatnonzero(outside):
        x, y = points[i]
        yield f"fixation {i} at ({x:g}, {y:g}) is outside {example.width} x {example.height}"

"""Verifies a prepared dataset: every record, image, point and density, and the counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow_datasets as tfds
from array_record.python.array_record_module import ArrayRecordReader

from samjax.console.progress import track
from samjax.data.example import Example
from samjax.data.images import check_image, decode_density
from samjax.data.prepare.workers import in_order
from samjax.data.sources import Dataset, Source
from samjax.errors import UserError, one_line

COLUMNS = ("subject", "duration_ms", "order")


class Checked(NamedTuple):
    """A record's id, what is wrong with it, and what pixels its image has if not as stated."""

    image_id: str
    faults: list[str]
    resized: str = ""


def check_dataset(dataset: Dataset, declared: int | None, jobs: int = 1) -> Iterator[str]:
    """Yields a line for each fault.

    declared: how many images are known to have other pixels than height and width say, because
      the stimulus was shown at another size; None if unknown.
    """
    places: dict[str, str] = {}
    resized = []
    for split in dataset.splits:
        wrong = list(_wrong_shards(dataset, split))
        yield from wrong
        for where, record in () if wrong else _checked(dataset, split, jobs):
            yield from (f"{where} {record.image_id}: {fault}" for fault in record.faults)
            if record.resized:
                resized.append(f"{where} {record.image_id}: {record.resized}")
            if record.image_id in places:
                yield f"{where} {record.image_id}: {places[record.image_id]} has the same image id"
            if record.image_id:
                places.setdefault(record.image_id, where)
    if declared == 0:
        yield from resized
    elif declared is not None and declared != len(resized):
        yield f"{len(resized)} images have another size, but report.json declares {declared}"


def _checked(dataset: Dataset, split: str, jobs: int) -> Iterator[tuple[str, Checked]]:
    source = Source(dataset, split)
    records = in_order(check_record, source, range(len(source)), jobs)
    shown = track(records, len(source), f"{dataset.name} {split}: checking")
    return ((f"{split}[{i}]", record) for i, record in enumerate(shown))


def _wrong_shards(dataset: Dataset, split: str) -> Iterator[str]:
    """Shards that are missing, unreadable, or have other counts than dataset_info.json says."""
    info = tfds.builder_from_directory(dataset.directory).info.splits[split]
    for file, expected in zip(info.filepaths, info.shard_lengths, strict=True):
        if not Path(file).is_file():
            yield f"{file} is not there"
            continue
        try:
            reader = ArrayRecordReader(str(file))
            found = reader.num_records()
            reader.close()
        except (ValueError, RuntimeError, OSError) as error:
            yield f"{file} cannot be read: {one_line(error)}"
            continue
        if found != expected:
            yield f"{file} has {found} records, but dataset_info.json says {expected}"


def check_record(source: Source, number: int) -> Checked:
    """Reads record `number` of a split and checks all of it."""
    try:
        example = source[number]
    except Exception as error:  # whatever a reader or a parser makes of damaged bytes
        return Checked("", [f"the record cannot be read: {one_line(error)}"])
    faults = [*_point_faults(example)]
    if not example.image_id:
        faults.append("the image id is empty")
    try:
        if example.density:
            decode_density(example.density)
    except UserError as error:
        faults.append(f"density: {error}")
    try:
        size = check_image(example.image)
    except UserError as error:
        return Checked(example.image_id, [f"the image cannot be decoded: {error}", *faults])
    if size == (example.height, example.width):
        return Checked(example.image_id, faults)
    stated = f"not {example.width} x {example.height}"
    return Checked(
        example.image_id, faults, f"the image has {size[1]} x {size[0]} pixels, {stated}"
    )


def _point_faults(example: Example) -> Iterator[str]:
    points = example.points
    for name in COLUMNS:
        if len(getattr(example, name)) != len(points):
            yield f"{name} has {len(getattr(example, name))} values for {len(points)} fixations"
    # An integer is a pixel's centre, so the image reaches half a pixel beyond.
    end = np.array([[example.width, example.height]]) - 0.5
    bad = ~((points >= -0.5) & (points < end)).all(axis=-1)
    for i in np.flatnonzero(bad):
        x, y = points[i]
        yield f"fixation {i} at ({x:g}, {y:g}) is outside {example.width} x {example.height}"

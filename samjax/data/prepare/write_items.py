"""A published dataset's items, loaded, checked and written shard by shard.

A shard is finished when its report lies beside it: an interrupted run goes on after the last one.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.data.example import Example
from samjax.data.images import check_image, decode_density
from samjax.data.prepare.shard_report import ShardReport
from samjax.data.prepare.shards import serialize, write_shard
from samjax.data.prepare.workers import in_order
from samjax.data.raw.dataset_spec import Item
from samjax.data.raw.problems import Fault
from samjax.errors import UserError, one_line
from samjax.files.atomic import write_atomic

Items = dict[str, list[Item]]


class Span(NamedTuple):
    """Items start..stop of a split, which become one shard."""

    split: str
    number: int
    start: int
    stop: int

    def shard(self, folder: Path) -> Path:
        return folder / f"{self.split}-{self.number:05d}.array_record"

    def report(self, folder: Path) -> Path:
        return folder / f"{self.split}-{self.number:05d}.json"

    def finished(self, folder: Path) -> bool:
        return self.report(folder).is_file() and self.shard(folder).is_file()


class SerializedItem(NamedTuple):
    """An item as it is written. `record`: serialized, None if the item cannot be used."""

    record: bytes | None
    report: ShardReport


def plan(items: Items, shard_bytes: int) -> list[Span]:
    """Cuts each split into runs of at most `shard_bytes` of image files, or of one image."""
    spans = []
    for split, members in items.items():
        start = size = number = 0
        for i, item in enumerate(members):
            if i > start and size + item.size > shard_bytes:
                spans.append(Span(split, number, start, i))
                start, size, number = i, 0, number + 1
            size += item.size
        if members:
            spans.append(Span(split, number, start, len(members)))
    return spans


def write_spans(items: Items, spans: Sequence[Span], folder: Path, jobs: int, track: Callable):
    """Writes a shard and a report into `folder` for each span; `track` wraps the items."""
    keys = [(span.split, i) for span in spans for i in range(span.start, span.stop)]
    with closing(in_order(load, items, keys, jobs)) as loaded:
        results = iter(track(loaded, len(keys)))
        for span in spans:
            total = ShardReport()
            write_shard(span.shard(folder), _records(results, span.stop - span.start, total))
            write_atomic(span.report(folder), json.dumps(total.as_json()))
        next(results, None)  # the bar shows its end


def _records(results: Iterator[SerializedItem], count: int, total: ShardReport) -> Iterator[bytes]:
    for loaded in islice(results, count):
        total.include(loaded.report)
        if loaded.record is not None:
            yield loaded.record


def load(items: Items, key: tuple[str, int]) -> SerializedItem:
    """Loads item `key` (split, number) and checks all of it; points outside are left out."""
    item, report = items[key[0]][key[1]], ShardReport()
    try:
        example, oddities = item.load()
        size = _check(example)
    except (UserError, OSError) as error:
        report.unusable.add("unusable image", item.image_id, one_line(error))
        return SerializedItem(None, report)
    if example.image_id != item.image_id:
        raise ValueError(f"item {item.image_id} loads an example named {example.image_id}")
    example, outside = _inside(example)
    for fault in (*oddities, *outside):
        report.odd.add(fault.kind, fault.where, fault.what)
    report.images, report.fixations = 1, len(example.points)
    report.subjects = {int(subject) for subject in example.subject if subject >= 0}
    report.resized = int(size != (example.height, example.width))
    return SerializedItem(serialize(example), report)


def _check(example: Example) -> tuple[int, int]:
    """(height, width) of the image's pixels; UserError if image or density cannot be decoded."""
    try:
        size = check_image(example.image)
    except UserError as error:
        raise UserError(f"the image cannot be decoded: {error}") from error
    if example.density:
        decode_density(example.density)
    return size


def _inside(example: Example) -> tuple[Example, list[Fault]]:
    """The example without points that are outside its image, and a fault for each of them."""
    points = np.asarray(example.points, np.float32).reshape(-1, 2)
    # An integer is a pixel's centre, so the image reaches half a pixel beyond.
    end = np.array([[example.width, example.height]], np.float32) - 0.5
    good = ((points >= -0.5) & (points < end)).all(axis=-1)
    if good.all():
        return example, []
    where = f"{example.image_id} ({example.width} x {example.height})"
    faults = [
        Fault("point outside its image", where, f"fixation {i} at ({x:g}, {y:g})")
        for i, (x, y) in zip(np.flatnonzero(~good), points[~good], strict=True)
    ]
    return example.select(good), faults

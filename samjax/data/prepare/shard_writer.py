"""Items written into shards, one file after the other, from any number of processes.

A shard is finished when its report lies beside it. An interrupted run goes on after the last
finished shard.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from samjax.data.prepare.load_item import Items, SerializedItem, load_item
from samjax.data.prepare.report import ShardReport
from samjax.data.prepare.shards import write_shard
from samjax.data.prepare.workers import in_order
from samjax.files.json_file import read_json, write_json


class Span(NamedTuple):
    """The items `start` to `stop` of a split, which become shard `number` of that split."""

    split: str
    number: int
    start: int
    stop: int

    def shard_file(self, folder: Path) -> Path:
        """Return the file of the records."""
        return folder / f"{self.split}-{self.number:05d}.array_record"

    def report_file(self, folder: Path) -> Path:
        """Return the file of the shard's report."""
        return folder / f"{self.split}-{self.number:05d}.json"

    def is_finished(self, folder: Path) -> bool:
        """Return whether an earlier run has written this shard completely."""
        return self.report_file(folder).is_file() and self.shard_file(folder).is_file()

    def read_report(self, folder: Path) -> ShardReport:
        """Return the report of a finished shard."""
        return ShardReport.from_json(read_json(self.report_file(folder)))


def plan_shards(items: Items, shard_bytes: int) -> list[Span]:
    """Cut each split into shards of at most `shard_bytes` of image files, or of one image."""
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


def write_shards(
    items: Items,
    spans: Sequence[Span],
    folder: Path,
    jobs: int,
    show_progress: Callable[[Iterable[SerializedItem], int], Iterator[SerializedItem]],
) -> None:
    """Write a shard and a report for each span.

    Args:
        items: All items of the dataset.
        spans: The shards to write.
        folder: Where they are written.
        jobs: How many processes load the items.
        show_progress: Takes loaded items and their number, and passes them on.
    """
    keys = [(span.split, i) for span in spans for i in range(span.start, span.stop)]
    with closing(in_order(load_item, items, keys, jobs)) as loaded:
        results = iter(show_progress(loaded, len(keys)))
        for span in spans:
            report = ShardReport()
            members = islice(results, span.stop - span.start)
            write_shard(span.shard_file(folder), _records(members, report))
            # Last of all, because a shard counts as finished once its report is there.
            write_json(span.report_file(folder), report.as_json(), indent=None)
        next(results, None)  # so that a progress bar sees its end


def _records(items: Iterable[SerializedItem], report: ShardReport) -> Iterator[bytes]:
    """Yield the records of items that can be used, and add the reports of all to `report`."""
    for item in items:
        report.include(item.report)
        if item.record is not None:
            yield item.record

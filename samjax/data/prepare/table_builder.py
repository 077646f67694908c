"""`table`: anyone's data as images.csv, fixations.csv(.gz), images/ and, if any, densities/.

images.csv:    name, and optionally original_width, original_height (the stimulus; default: the
               image's own size), width, height (of the image file, checked), split (default train)
fixations.csv: image, x, y, and optionally subject, duration_ms, order; or fixations.csv.gz; may be
               missing where the data are densities only
densities/STEM.png: the map of image STEM, optional
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from samjax.data.example import Example, Facts
from samjax.data.prepare.tfds_builder import SaliencyBuilder, Shard
from samjax.data.raw.table import Fixations, Row, Table

SHARD_BYTES = 256 * 2**20


class TableBuilder(SaliencyBuilder):
    """Writes the images of a checked table, in the order of images.csv."""

    def __init__(self, name: str, facts: Facts, data_dir: str | Path, table: Table, track=iter):
        """`track` wraps a split's list of rows to show progress."""
        self.table = table
        self.track = track
        super().__init__(name, facts, data_dir)

    def split_shards(self) -> dict[str, Sequence[Shard]]:
        return {
            split: [partial(self._examples, shard) for shard in _shards(rows)]
            for split, rows in self.table.splits().items()
        }

    def _examples(self, rows: Sequence[Row]) -> Iterator[Example]:
        for row in self.track(rows):
            yield _example(row, self.table.fixations)


def _example(row: Row, fixations: Fixations) -> Example:
    density = row.density_file.read_bytes() if row.density_file else b""
    return Example(
        image=row.file.read_bytes(),
        image_id=row.image_id,
        height=row.height,
        width=row.width,
        density=density,
        **fixations.of(row.number),
    )


def _shards(rows: Sequence[Row]) -> list[list[Row]]:
    """Cuts the rows into runs of about SHARD_BYTES of image files."""
    shards, size = [[]], 0
    for row in rows:
        if size > SHARD_BYTES:
            shards.append([])
            size = 0
        shards[-1].append(row)
        size += row.file.stat().st_size
    return shards

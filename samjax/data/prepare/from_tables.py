"""Tables of images and fixations, as `samjax.data.raw.table` describes them."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from samjax.console.progress import track
from samjax.data.dataset import Dataset
from samjax.data.example import Example, Facts
from samjax.data.prepare.facts import facts_of_name
from samjax.data.prepare.report import ShardReport
from samjax.data.prepare.staging import final_place
from samjax.data.prepare.workers import in_order
from samjax.data.prepare.writer import SHARD_BYTES, DatasetContents, write_dataset
from samjax.data.raw.dataset_spec import Item, LoadedItem
from samjax.data.raw.own_checks import check_orientation
from samjax.data.raw.plausibility import GazeStatistics, question
from samjax.data.raw.problems import Problem
from samjax.data.raw.table import Table, read_table
from samjax.data.raw.table_fixations import TableFixations
from samjax.data.raw.table_images import ImageRow, check_row
from samjax.data.raw.units import UNSTATED, Units
from samjax.errors import UserError


def prepare_table(
    source: str | Path,
    name: str,
    *,
    data_dir: str | Path | None = None,
    sigma: float | None = None,
    units: Units = UNSTATED,
    on_error: str = "fail",
    overwrite: bool = False,
    jobs: int = 1,
    shard_bytes: int = SHARD_BYTES,
) -> Dataset:
    """Check a table and write it as a dataset. It is the same for any number of jobs.

    Args:
        source: The folder with images.csv.
        name: The dataset's name.
        data_dir: Where prepared datasets are; None: the default.
        sigma: One degree in original pixels; None: see `facts_of_name`.
        units: What the numbers in fixations.csv mean.
        on_error: 'fail' or 'skip', what to do with rows that the checks refuse.
        overwrite: Whether to replace a dataset of this name.
        jobs: How many processes check and load the images.
        shard_bytes: A shard holds at most so many bytes of image files.

    Raises:
        UserError: The checks fail, or the dataset is there already.
    """
    final = final_place(name, data_dir, overwrite=overwrite)
    facts = facts_of_name(name, sigma)

    def check_rows(rows: Sequence[ImageRow]) -> Iterable[ImageRow | Problem]:
        checked = in_order(check_row, rows, range(len(rows)), jobs)
        return track(checked, len(rows), f"{name}: checking")

    table = read_table(source, check_rows, units)
    if asked := question(table.gaze, units, skip=on_error == "skip"):
        raise UserError(f"{source}: {asked}")
    # Before anything is written, because a row of a table is mended in a moment.
    if on_error == "fail":
        table.errors.refuse()
    contents = _contents(source, table, facts)
    return write_dataset(final, contents, on_error=on_error, jobs=jobs, shard_bytes=shard_bytes)


def _contents(source: str | Path, table: Table, facts: Facts) -> DatasetContents:
    if not table.rows:
        raise UserError(f"{source}/images.csv has no usable image")
    # What was outside is not in the items any more, of which the report counts the others.
    outside = GazeStatistics(
        fixations=table.gaze.outside,
        outside=table.gaze.outside,
        outside_turned=min(table.gaze.outside, table.gaze.outside_turned),
    )
    return DatasetContents(
        facts=facts,
        items={split: _items(rows, table) for split, rows in table.splits().items()},
        source_state=_state(table),
        source_report=ShardReport(errors=table.errors, warnings=table.warnings, gaze=outside),
        more_report={"fixations_dropped_with_their_image": table.dropped},
    )


def _items(rows: Sequence[ImageRow], table: Table) -> list[Item]:
    items = []
    for row in rows:
        load = partial(_load, row, table.fixations)
        items.append(Item(row.image_id, load, row.file.stat().st_size))
    return items


def _load(row: ImageRow, fixations: TableFixations) -> LoadedItem:
    points = fixations.of_image(row.number)
    example = Example(
        image=row.file.read_bytes(),
        image_id=row.image_id,
        height=row.height,
        width=row.width,
        points=points.xy,
        subject=points.subject,
        duration_ms=points.duration_ms,
        order=points.order,
        density=row.density_file.read_bytes() if row.density_file else b"",
    )
    return LoadedItem(example, check_orientation(example.image, row.name))


def _state(table: Table) -> list:
    """Return what changes with any file of the table: rows, states of files, a digest.

    The time at which the system changed a file's entry counts, too: programs that copy files set
    the other one back.
    """
    # Sizes and times of the images, because reading them all again would take as long as writing.
    digest = hashlib.sha256()
    for column in table.fixations.columns.values():
        digest.update(column.tobytes())
    digest.update(table.fixations.starts.tobytes())
    rows = []
    for row in table.rows:
        files = [file.stat() for file in (row.file, row.density_file) if file]
        stamps = [(s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino) for s in files]
        rows.append([row.name, row.split, row.height, row.width, stamps])
    return [rows, digest.hexdigest()]

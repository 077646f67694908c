"""Reads and checks a table of images and fixations; see `samjax.data.prepare.table_builder`.

The images are decoded once, one at a time, and not kept; fixations are kept as flat arrays
(24 bytes each), so memory is bounded by the number of fixations.
"""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from samjax.data.images import check_image, decode_density
from samjax.data.raw.problems import Faults
from samjax.data.raw.table_text import number, records, size, whole
from samjax.errors import UserError

SPLITS = ("train", "validation", "test")


@dataclass
class Row:
    """A checked row of images.csv; `number` is its key among the fixations."""

    number: int
    name: str
    where: str
    split: str
    file: Path
    density_file: Path | None
    stated: tuple[int, int] | None
    height: int = 0
    width: int = 0
    pixels: tuple[int, int] = (0, 0)

    @property
    def image_id(self) -> str:
        return str(PurePosixPath(self.name).with_suffix(""))


class Fixations:
    """All fixations of a table as flat columns, grouped by image number, file order kept."""

    def __init__(self, columns: dict[str, np.ndarray], images: int):
        numbers = columns.pop("number")
        by_image = np.argsort(numbers, kind="stable")
        self.columns = {name: column[by_image] for name, column in columns.items()}
        self.starts = np.searchsorted(numbers[by_image], np.arange(images + 1))

    def of(self, number: int) -> dict[str, np.ndarray]:
        """The fields of one image: points [N, 2], subject [N], duration_ms [N], order [N]."""
        rows = slice(self.starts[number], self.starts[number + 1])
        columns = {name: column[rows] for name, column in self.columns.items()}
        points = np.stack([columns.pop("x"), columns.pop("y")], axis=-1)
        return {"points": points, **columns}


@dataclass
class Table:
    rows: list[Row]
    fixations: Fixations
    faults: Faults
    dropped: int
    """Fixations in good rows of images that were left out themselves."""

    def splits(self) -> dict[str, list[Row]]:
        """The rows of each split that has any, in the order of images.csv."""
        grouped = {split: [row for row in self.rows if row.split == split] for split in SPLITS}
        return {split: rows for split, rows in grouped.items() if rows}


def read_table(source: Path, track=iter) -> Table:
    """Reads and checks everything under `source`; `track` wraps the images to show progress.

    Raises UserError where the table cannot be read at all; single rows become faults.
    """
    source = Path(source)
    if not (source / "images.csv").is_file():
        raise UserError(f"{source}/images.csv is not there; --source names the folder that has it")
    faults = Faults()
    rows, left_out = _read_images(source, faults)
    good = [row for row in track(rows) if _check_files(row, faults)]
    left_out |= {row.name for row in rows} - {row.name for row in good}
    fixations, dropped = _read_fixations(source, good, left_out, faults)
    return Table(good, fixations, faults, dropped)


def _read_images(source: Path, faults: Faults) -> tuple[list[Row], set[str]]:
    """The rows of images.csv that are sound in themselves, and the names of the others."""
    rows, left_out, image_ids = [], set(), set()
    for where, cells in records(source / "images.csv", required=("name",)):
        row = _image_row(source, where, cells, len(rows), faults)
        if row is None:
            left_out.add(cells["name"])
        elif row.image_id in image_ids:
            faults.add("duplicate image", where, f"'{row.name}' has the image id of an earlier row")
            left_out.add(row.name)
        else:
            image_ids.add(row.image_id)
            rows.append(row)
    return rows, left_out - {row.name for row in rows}


def _image_row(source, where, cells, position, faults) -> Row | None:
    name, split = cells["name"], cells.get("split") or "train"
    if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        faults.add("unusable image name", where, f"'{name}' is not a path inside images/")
        return None
    if split not in SPLITS:
        faults.add("unknown split", where, f"'{split}' of '{name}' is none of {', '.join(SPLITS)}")
        return None
    try:
        original = size(cells, "original_height", "original_width")
        stated = size(cells, "height", "width")
    except ValueError as error:
        faults.add("bad image size", where, f"{error} of '{name}' is not a positive whole number")
        return None
    file = (source / "densities" / name).with_suffix(".png")
    density = file if file.is_file() else None
    image = source / "images" / name
    return Row(position, name, where, split, image, density, stated, *(original or (0, 0)))


def _check_files(row: Row, faults: Faults) -> bool:
    """True if the image and its density can be read; fills in the size where it was not given."""
    if not row.file.is_file():
        faults.add("missing image file", row.where, f"{row.file} is not there")
        return False
    try:
        found = check_image(row.file.read_bytes())
    except (UserError, OSError) as error:
        faults.add("unreadable image file", row.where, f"{row.file} cannot be read ({error})")
        return False
    if row.stated not in (None, found):
        have = f"{found[1]} x {found[0]}, not {row.stated[1]} x {row.stated[0]}"
        faults.add("wrong image size", row.where, f"{row.file} has {have} pixels")
        return False
    row.pixels = found
    row.height, row.width = row.height or found[0], row.width or found[1]
    return row.density_file is None or _check_density(row, faults)


def _check_density(row: Row, faults: Faults) -> bool:
    try:
        decode_density(row.density_file.read_bytes())
    except (UserError, OSError) as error:
        faults.add("unreadable density file", row.where, f"{row.density_file}: {error}")
        return False
    return True


def _read_fixations(source, rows, left_out, faults) -> tuple[Fixations, int]:
    """All sound fixations of the rows, and how many were dropped with their images."""
    types = {"number": "q", "x": "f", "y": "f", "subject": "i", "duration_ms": "f", "order": "i"}
    columns = {name: array(code) for name, code in types.items()}
    by_name, dropped = {row.name: row for row in rows}, 0
    for where, cells in _fixation_records(source):
        row = by_name.get(cells["image"])
        if row is None:
            if cells["image"] in left_out:
                dropped += 1
            else:
                faults.add("unknown image", where, f"'{cells['image']}' is not in images.csv")
            continue
        values = _fixation(cells, where, row, faults)
        if values:
            for column, value in zip(columns.values(), (row.number, *values), strict=True):
                column.append(value)
    last = max((row.number for row in rows), default=-1)
    return Fixations({name: np.array(c) for name, c in columns.items()}, last + 1), dropped


def _fixation(cells: dict, where: str, row: Row, faults: Faults) -> tuple | None:
    """(x, y, subject, duration_ms, order) of a sound row of fixations.csv, else None."""
    try:
        x, y = number(cells, "x"), number(cells, "y")
        subject = whole(cells, "subject")
        duration = number(cells, "duration_ms", unknown=math.nan)
        order = whole(cells, "order")
    except ValueError as error:
        faults.add("non-numeric value", where, str(error))
        return None
    # An integer is a pixel's centre, so the image reaches half a pixel beyond.
    if not (-0.5 <= x < row.width - 0.5 and -0.5 <= y < row.height - 0.5):
        what = f"({x:g}, {y:g}) is outside '{row.name}' ({row.width} x {row.height})"
        faults.add("point outside its image", where, what)
        return None
    return x, y, subject, duration, order


def _fixation_records(source: Path) -> Iterator[tuple[str, dict]]:
    found = [f for f in ("fixations.csv", "fixations.csv.gz") if (source / f).is_file()]
    if len(found) == 2:
        raise UserError(f"{source} has fixations.csv and fixations.csv.gz; keep one of them")
    if found:
        yield from records(source / found[0], required=("image", "x", "y"))
    elif not (source / "densities").is_dir():
        raise UserError(f"{source} has neither fixations.csv(.gz) nor densities/")

"""`table`: anyone's data as images.csv, fixations.csv, images/ and, if there are any, densities/.

images.csv      name; and optionally original_width, original_height (the stimulus; default: the
                image's own size), width, height (of the image file, checked), split (default train)
fixations.csv   image, x, y; and optionally subject, duration_ms, order. It may be compressed, as
                fixations.csv.gz, and may be missing where the data are densities only.
images/NAME         the image files
densities/STEM.png  the published map of image STEM, optional

The dialects of CSV are those of `samjax.data.raw.table_text`. Images are found by their names as
`samjax.data.raw.names` says; a subject may be a number or a name.

A table is read in three steps: the rows of images.csv, then the image files, then the rows of
fixations.csv, which need the sizes of the images. The images are not kept, and fixations are kept
as flat arrays (28 bytes each), so memory is bounded by the number of fixations.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from samjax.data.raw.plausibility import GazeStatistics
from samjax.data.raw.problems import Problem, Problems
from samjax.data.raw.subjects import are_names
from samjax.data.raw.table_fixations import FixationReader, TableFixations
from samjax.data.raw.table_images import SPLITS, ImageRow, check_files, read_image_rows
from samjax.data.raw.units import UNSTATED, Units
from samjax.errors import UserError

CheckRows = Callable[[Sequence[ImageRow]], Iterable[ImageRow | Problem]]
IMAGES = re.compile(r"(images?|stimuli)\.(csv|tsv)(\.gz)?", re.IGNORECASE)
FIXATIONS = re.compile(r"(eye_?)?fixations?\.(csv|tsv|txt)(\.gz)?", re.IGNORECASE)
TABLES = re.compile(r".*\.(csv|tsv|txt|xlsx?|ods|json|mat|parquet)(\.gz)?", re.IGNORECASE)


@dataclass
class Table:
    """A table whose rows have been checked.

    Attributes:
        rows: The images that can be used, in the order of images.csv.
        fixations: The fixations of those images.
        errors: Why other rows were left out.
        warnings: What else is worth knowing: files and columns that are not used, subjects' names.
        dropped: How many rows of fixations were left out because their image was.
        gaze: Statistics of the fixations, with those outside their images.
    """

    rows: list[ImageRow]
    fixations: TableFixations
    errors: Problems
    warnings: Problems
    dropped: int
    gaze: GazeStatistics

    def splits(self) -> dict[str, list[ImageRow]]:
        """Return the rows of each split that has any, in the order of images.csv."""
        grouped = {split: [row for row in self.rows if row.split == split] for split in SPLITS}
        return {split: rows for split, rows in grouped.items() if rows}


def check_in_turn(rows: Sequence[ImageRow]) -> Iterable[ImageRow | Problem]:
    """Check the files of all rows, one after the other, in this process."""
    return map(check_files, rows)


def read_table(
    source: str | Path, check_rows: CheckRows = check_in_turn, units: Units = UNSTATED
) -> Table:
    """Read and check a table. Rows that cannot be used become errors.

    Args:
        source: The folder with images.csv.
        check_rows: Calls `check_files` for each row and returns the results in the same order.
            Another function may do so in several processes, and show the progress.
        units: What the numbers in fixations.csv mean.

    Raises:
        UserError: The table cannot be read at all.
    """
    source = Path(source)
    images = _only(source, IMAGES) if source.is_dir() else None
    if images is None:
        raise UserError(f"{source}/images.csv is not there; --source names the folder that has it")
    fixations = _only(source, FIXATIONS)
    # Fixations of images that were left out are dropped silently: one error per image is enough.
    errors, warnings = Problems(), Problems()
    for path in sorted(source.iterdir()):
        if path not in (images, fixations) and TABLES.fullmatch(path.name):
            warnings.add("file not used", str(path), "it is neither images.csv nor fixations.csv")
    rows, left_out = read_image_rows(images, errors, warnings)
    if fixations is None and not any(row.density_file for row in rows) and not _maps(source):
        raise UserError(f"{source} has neither fixations.csv(.gz) nor densities/")
    usable: list[ImageRow] = []
    for row, checked in zip(rows, check_rows(rows), strict=True):
        if isinstance(checked, Problem):
            errors.add(checked.kind, checked.where, checked.what)
            left_out.add(row.name)
        else:
            usable.append(checked)
    reader = FixationReader(usable, left_out, units, errors, warnings)
    read = reader.read(fixations)
    if are_names(read.subjects):
        for text, number in read.subjects.items():
            if text:
                warnings.add("subject with a name", text, f"is subject {number}")
    return Table(usable, read.fixations, errors, warnings, read.dropped, read.gaze)


def _only(source: Path, pattern: re.Pattern[str]) -> Path | None:
    """Return the one file of a folder that a pattern fits, None if there is none."""
    fitting = [p for p in sorted(source.iterdir()) if pattern.fullmatch(p.name) and p.is_file()]
    if len(fitting) > 1:
        listed = " and ".join(path.name for path in fitting)
        raise UserError(f"{source} has {listed}; keep one of them")
    return fitting[0] if fitting else None


def _maps(source: Path) -> bool:
    return (source / "densities").is_dir()

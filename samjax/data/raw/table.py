"""`table`: anyone's data as images.csv, fixations.csv, images/ and, if there are any, densities/.

images.csv      name; and optionally original_width, original_height (the stimulus; default: the
                image's own size), width, height (of the image file, checked), split (default train)
fixations.csv   image, x, y; and optionally subject, duration_ms, order. It may be compressed, as
                fixations.csv.gz, and may be missing where the data are densities only.
images/NAME         the image files
densities/STEM.png  the published map of image STEM, optional

A table is read in three steps: the rows of images.csv, then the image files, then the rows of
fixations.csv, which need the sizes of the images. The images are not kept, and fixations are kept
as flat arrays (28 bytes each), so memory is bounded by the number of fixations.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from samjax.data.raw.problems import Problem, Problems
from samjax.data.raw.table_fixations import TableFixations, read_table_fixations
from samjax.data.raw.table_images import SPLITS, ImageRow, check_files, read_image_rows
from samjax.errors import UserError

CheckRows = Callable[[Sequence[ImageRow]], Iterable[ImageRow | Problem]]


@dataclass
class Table:
    """A table whose rows have been checked.

    Attributes:
        rows: The images that can be used, in the order of images.csv.
        fixations: The fixations of those images.
        errors: Why other rows were left out.
        dropped: How many sound rows of fixations were left out with their image.
    """

    rows: list[ImageRow]
    fixations: TableFixations
    errors: Problems
    dropped: int

    def splits(self) -> dict[str, list[ImageRow]]:
        """Return the rows of each split that has any, in the order of images.csv."""
        grouped = {split: [row for row in self.rows if row.split == split] for split in SPLITS}
        return {split: rows for split, rows in grouped.items() if rows}


def check_in_turn(rows: Sequence[ImageRow]) -> Iterable[ImageRow | Problem]:
    """Check the files of all rows, one after the other, in this process."""
    return map(check_files, rows)


def read_table(source: str | Path, check_rows: CheckRows = check_in_turn) -> Table:
    """Read and check a table. Rows that cannot be used become errors.

    Args:
        source: The folder with images.csv.
        check_rows: Calls `check_files` for each row and returns the results in the same order.
            Another function may do so in several processes, and show the progress.

    Raises:
        UserError: The table cannot be read at all.
    """
    source = Path(source)
    if not (source / "images.csv").is_file():
        raise UserError(f"{source}/images.csv is not there; --source names the folder that has it")
    errors = Problems()
    rows, left_out = read_image_rows(source, errors)
    usable: list[ImageRow] = []
    for row, checked in zip(rows, check_rows(rows), strict=True):
        if isinstance(checked, Problem):
            errors.add(checked.kind, checked.where, checked.what)
            left_out.add(row.name)
        else:
            usable.append(checked)
    fixations, dropped = read_table_fixations(source, usable, left_out, errors)
    return Table(usable, fixations, errors, dropped)

"""The images of a table: the rows of images.csv, and the files that they name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from samjax.data.images import check_image, decode_density
from samjax.data.raw.problems import Problem, Problems
from samjax.data.raw.table_text import Cells, parse_size, read_rows
from samjax.errors import UserError

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class ImageRow:
    """A row of images.csv.

    Attributes:
        number: Its number among the sound rows, by which its fixations are found.
        name: The path of the image inside images/.
        where: File and line, for messages.
        split: One of SPLITS.
        file: The image file.
        density_file: The published map, None if there is none.
        stated_size: (height, width) that the row says the file has, None if it does not.
        height: Of the stimulus in pixels; 0 until the file is read, where the row does not say it.
        width: As `height`.
        pixels: (height, width) of the image file, (0, 0) until it is read.
    """

    number: int
    name: str
    where: str
    split: str
    file: Path
    density_file: Path | None
    stated_size: tuple[int, int] | None
    height: int = 0
    width: int = 0
    pixels: tuple[int, int] = (0, 0)

    @property
    def image_id(self) -> str:
        """The name without its ending."""
        return str(PurePosixPath(self.name).with_suffix(""))


def read_image_rows(source: Path, errors: Problems) -> tuple[list[ImageRow], set[str]]:
    """Return the rows of images.csv that are sound in themselves, and the names of the others."""
    rows: list[ImageRow] = []
    left_out: set[str] = set()
    image_ids: set[str] = set()
    for where, cells in read_rows(source / "images.csv", required=("name",)):
        row = _image_row(source, where, cells, len(rows), errors)
        if row is None:
            left_out.add(cells["name"])
        elif row.image_id in image_ids:
            what = f"'{row.name}' has the image id of an earlier row"
            errors.add("duplicate image", where, what)
            left_out.add(row.name)
        else:
            image_ids.add(row.image_id)
            rows.append(row)
    # A name that was refused once and accepted once is in the table.
    return rows, left_out - {row.name for row in rows}


def check_files(row: ImageRow) -> ImageRow | Problem:
    """Read the image and the density of a row.

    Returns:
        The row with the sizes filled in, or the problem because of which it cannot be used.
    """
    if not row.file.is_file():
        return Problem("missing image file", row.where, f"{row.file} is not there")
    try:
        pixels = check_image(row.file.read_bytes())
    except (UserError, OSError) as error:
        what = f"{row.file} cannot be read ({error})"
        return Problem("unreadable image file", row.where, what)
    if row.stated_size is not None and row.stated_size != pixels:
        stated = f"{row.stated_size[1]} x {row.stated_size[0]}"
        what = f"{row.file} has {pixels[1]} x {pixels[0]}, not {stated} pixels"
        return Problem("wrong image size", row.where, what)
    try:
        if row.density_file:
            decode_density(row.density_file.read_bytes())
    except (UserError, OSError) as error:
        return Problem("unreadable density file", row.where, f"{row.density_file}: {error}")
    # Without another statement the stimulus was shown pixel by pixel.
    height, width = row.height or pixels[0], row.width or pixels[1]
    return replace(row, pixels=pixels, height=height, width=width)


def check_row(rows: Sequence[ImageRow], number: int) -> ImageRow | Problem:
    """Check the files of one row; worker processes hold all rows and are told its number.

    It stands here and not where it is used, because a worker imports the module of its function,
    and this one needs no TFDS.
    """
    return check_files(rows[number])


def _image_row(
    source: Path, where: str, cells: Cells, number: int, errors: Problems
) -> ImageRow | None:
    """Return a row as it is written, or None if an error was added."""
    name, split = cells["name"], cells.get("split") or "train"
    if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        errors.add("unusable image name", where, f"'{name}' is not a path inside images/")
        return None
    if split not in SPLITS:
        errors.add("unknown split", where, f"'{split}' of '{name}' is none of {', '.join(SPLITS)}")
        return None
    try:
        original = parse_size(cells, "original_height", "original_width")
        stated = parse_size(cells, "height", "width")
    except ValueError as error:
        errors.add("bad image size", where, f"{error} of '{name}' is not a positive whole number")
        return None
    height, width = original or (0, 0)
    density = (source / "densities" / name).with_suffix(".png")
    return ImageRow(
        number=number,
        name=name,
        where=where,
        split=split,
        file=source / "images" / name,
        density_file=density if density.is_file() else None,
        stated_size=stated,
        height=height,
        width=width,
    )

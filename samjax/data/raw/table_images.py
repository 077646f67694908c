"""The images of a table: the rows of images.csv, and the files that they name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from samjax.data.images import check_image
from samjax.data.raw.cells import Cells, parse_size
from samjax.data.raw.own_checks import check_density, is_turned
from samjax.data.raw.pairing import IMAGES, MAPS
from samjax.data.raw.pairing import SPLITS as SPLIT_NAMES
from samjax.data.raw.problems import Problem, Problems
from samjax.data.raw.table_names import Files
from samjax.data.raw.table_text import Columns, Row, read_rows
from samjax.errors import one_line

SPLITS = ("train", "validation", "test")
SIZES = ("original_width", "original_height", "width", "height")
COLUMNS = Columns(("name",), ("split", *SIZES))


@dataclass(frozen=True)
class ImageRow:
    """A row of images.csv.

    Attributes:
        number: Its number among the sound rows, by which its fixations are found.
        name: The path of the image inside images/, as the file is called, in composed Unicode.
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


def read_image_rows(
    file: Path, errors: Problems, warnings: Problems
) -> tuple[list[ImageRow], set[str]]:
    """Return the rows that are sound in themselves, and the names of the others.

    Args:
        file: images.csv.
        errors: Where rows that cannot be used are added.
        warnings: Where columns and files that are not used are added.
    """
    images = Files(file.parent, IMAGES, warnings, errors)
    maps = Files(file.parent, MAPS, warnings, errors)
    rows: list[ImageRow] = []
    left_out: set[str] = set()
    image_ids: set[str] = set()

    def unread(column: str) -> None:
        warnings.add("column not read", str(file), f"it has a column {column}")

    for line in read_rows(file, COLUMNS, unread):
        row = _image_row(line, len(rows), images, maps, errors)
        if row is None:
            left_out.add(line.cells["name"])
        elif row.image_id in image_ids:
            what = f"'{row.name}' has the image id of an earlier row"
            errors.add("duplicate image", line.where, what)
            left_out.add(row.name)
        else:
            image_ids.add(row.image_id)
            rows.append(row)
    rows = _with_maps_of_their_own(rows, left_out, errors)
    for files, kind in ((images, "image not in images.csv"), (maps, "map without image")):
        for name in files.unused():
            warnings.add(kind, str(files.folder / name), "no row names it")
    # A name that was refused once and accepted once is in the table.
    return rows, left_out - {row.name for row in rows}


def check_files(row: ImageRow) -> ImageRow | Problem:
    """Read the image and the density of a row.

    Returns:
        The row with the sizes filled in, or the problem because of which it cannot be used.
    """
    try:
        if not row.file.is_file():
            return Problem("missing image file", row.where, f"{row.file} is not there")
        pixels = check_image(row.file.read_bytes())
    except Exception as error:  # whatever a damaged file makes of the decoders
        what = f"{row.file} cannot be read ({one_line(error)})"
        return Problem("unreadable image file", row.where, what)
    have = f"{row.file} has {pixels[1]} x {pixels[0]}"
    if row.stated_size is not None and row.stated_size != pixels:
        stated = f"{row.stated_size[1]} x {row.stated_size[0]}"
        return Problem("wrong image size", row.where, f"{have}, not {stated} pixels")
    # Without another statement the stimulus was shown pixel by pixel.
    height, width = row.height or pixels[0], row.width or pixels[1]
    if is_turned((height, width), pixels):
        what = f"{have} pixels, and its original {width} x {height}: width and height exchanged?"
        return Problem("wrong image size", row.where, what)
    try:
        if row.density_file:
            check_density(row.density_file.read_bytes(), row.density_file.name, height, width)
    except Exception as error:  # likewise
        what = f"{row.density_file}: {one_line(error)}"
        return Problem("unreadable density file", row.where, what)
    return replace(row, pixels=pixels, height=height, width=width)


def check_row(rows: Sequence[ImageRow], number: int) -> ImageRow | Problem:
    """Check the files of one row; worker processes hold all rows and are told its number.

    It stands here and not where it is used, because a worker imports the module of its function,
    and this one needs no TFDS.
    """
    return check_files(rows[number])


def _image_row(
    line: Row, number: int, images: Files, maps: Files, errors: Problems
) -> ImageRow | None:
    """Return a row as it is written, or None if an error was added."""
    where, cells = line.where, line.cells
    name = cells["name"]
    if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        errors.add("unusable image name", where, f"'{name}' is not a path inside images/")
        return None
    split = SPLIT_NAMES.get((cells.get("split") or "train").lower())
    if split is None:
        what = f"'{cells['split']}' of '{name}' is none of {', '.join(SPLITS)}"
        errors.add("unknown split", where, what)
        return None
    try:
        original, stated = _sizes(line)
    except ValueError as error:
        errors.add("bad image size", where, f"{error} of '{name}' is not a positive whole number")
        return None
    found, densities = images.find(name), maps.find(str(PurePosixPath(name).with_suffix("")))
    for kind, fitting in (("image", found), ("map", densities)):
        if len(fitting) > 1:
            what = f"'{name}' may be any of {', '.join(fitting)}"
            errors.add(f"several {kind} files for one image", where, what)
            return None
    height, width = original or (0, 0)
    return ImageRow(
        number=number,
        name=found[0] if found else name,
        where=where,
        split=split,
        file=images.files[found[0]] if found else images.folder / name,
        density_file=maps.files[densities[0]] if densities else None,
        stated_size=stated,
        height=height,
        width=width,
    )


def _sizes(line: Row) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Return the stated sizes of the stimulus and of its file."""
    cells: Cells = line.cells
    if line.excess:
        raise ValueError(f"'{line.excess}' beyond the header's columns")
    original = parse_size(cells, "original_height", "original_width")
    return original, parse_size(cells, "height", "width")


def _with_maps_of_their_own(
    rows: list[ImageRow], left_out: set[str], errors: Problems
) -> list[ImageRow]:
    """Return the rows without those that share a map with another, which are errors."""
    uses = Counter(row.density_file for row in rows if row.density_file)
    kept: list[ImageRow] = []
    for row in rows:
        if row.density_file and uses[row.density_file] > 1:
            what = f"{row.density_file} fits '{row.name}' and another image"
            errors.add("one map file for several images", row.where, what)
            left_out.add(row.name)
        else:
            kept.append(replace(row, number=len(kept)))
    return kept

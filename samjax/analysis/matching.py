"""Which areas belong to which picture, and which versions of a picture belong together: by name."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from samjax.analysis.area import Area, renamed


def belongs(name: str | None, picture: Path) -> bool:
    """Return whether a name that a file of areas gives is that of a picture.

    The name may stand with or without its ending, and with folders before it, which then must be
    those of the picture: "home.png", "home" and "new/home.png" are all names of x/new/home.png.
    None is the name of every picture.
    """
    if name is None:
        return True
    # Windows writes backslashes.
    *folders, last = PurePosixPath(name.replace("\\", "/")).parts or ("",)
    folders = [folder for folder in folders if folder != "."]
    if last not in (picture.name, picture.stem):
        return False
    if name.startswith("/"):
        return PurePosixPath(picture.resolve().parent.as_posix()).parts == tuple(folders)
    return not folders or list(picture.absolute().parent.parts[-len(folders) :]) == folders


def areas_of(areas: Sequence[Area], picture: Path) -> list[Area]:
    """Return the areas of a picture, with names that are unique among them, see `renamed`."""
    own = [replace(area, image=None) for area in areas if belongs(area.image, picture)]
    return renamed(own)[0]


def unmatched(areas: Sequence[Area], pictures: Sequence[Path]) -> tuple[list[str], list[Path]]:
    """Return the names in a file of areas that no picture has, and the pictures without an area."""
    names = list(dict.fromkeys(area.image for area in areas if area.image is not None))
    lonely = [name for name in names if not any(belongs(name, path) for path in pictures)]
    return lonely, [path for path in pictures if not areas_of(areas, path)]

"""Areas of interest from a file, or from all the files of a folder, whatever their format.

A .csv holds boxes, an .svg is a drawing, and a .json is ours (`own_json`), COCO's or Labelme's,
which are told apart by what they hold.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from samjax.analysis.area import Area, renamed
from samjax.analysis.area_formats import coco, csv_file, labelme, own_json, svg
from samjax.errors import UserError, one_line

ENDINGS = (".csv", ".json", ".svg")


class AreaFile(NamedTuple):
    """What a file says.

    Attributes:
        areas: With names that are unique within each picture.
        notes: Sentences about what was left out or renamed.
    """

    areas: list[Area]
    notes: list[str]


def read_areas(path: str | Path) -> AreaFile:
    """Read the areas of a file, or of every .csv, .json and .svg file of a folder.

    In a folder, an SVG drawing that names no picture belongs to the picture that has its name.

    Raises:
        UserError: The file does not exist, is damaged, or is of no known format, or there is none.
    """
    path = Path(path)
    if path.is_dir():
        files = [file for file in sorted(path.iterdir()) if file.suffix.lower() in ENDINGS]
        files = [file for file in files if not file.name.startswith(".")]
        if not files:
            raise UserError(f"{path} holds no file of areas ({' '.join(ENDINGS)})")
        read = [_named_like(file, _read(file)) for file in files]
    elif path.is_file():
        read = [_read(path)]
    else:
        raise UserError(f"{path} does not exist; give a file of areas ({' '.join(ENDINGS)})")
    notes = [note for file in read for note in file.notes]
    areas, repeated = renamed([area for file in read for area in file.areas])
    for name in repeated:
        notes.append(f"{path}: '{name}' comes more than once; the others are '{name} 2' and so on")
    if not areas:
        raise UserError(f"{path} holds no area{_because(notes)}")
    return AreaFile(areas, notes)


def parse_areas(data: bytes, name: str = "") -> AreaFile:
    """Return the areas of a file that somebody sent; no other file is read for them.

    Args:
        data: What the file holds.
        name: What it is called; its ending tells the format, and else the first character does.

    Raises:
        UserError: It is damaged, of no known format, or holds no area.
    """
    suffix = Path(name).suffix.lower()
    if suffix not in ENDINGS:
        first = data.decode("utf-8-sig", "replace").lstrip()[:1]
        suffix = {"{": ".json", "[": ".json", "<": ".svg"}.get(first, ".csv")
    label = Path(name or f"areas{suffix}")
    try:
        read = _parse(data, suffix, None)
    except (UserError, UnicodeDecodeError) as error:
        raise _failure(label, error) from error
    areas, repeated = renamed(read.areas)
    notes = [
        *read.notes,
        *(f"'{n}' comes more than once; the others are '{n} 2'" for n in repeated),
    ]
    if not areas:
        raise UserError(f"{label} holds no area{_because(notes)}")
    return AreaFile(areas, notes)


def _because(notes: Iterable[str]) -> str:
    """Return the notes behind a colon, or nothing."""
    text = "; ".join(notes)
    return f": {text}" if text else ""


def _named_like(file: Path, read: AreaFile) -> AreaFile:
    """Return what a file of a folder says, an unnamed drawing as that of the picture STEM."""
    if file.suffix.lower() != ".svg":
        return read
    return AreaFile([replace(a, image=a.image or file.stem) for a in read.areas], read.notes)


def _read(path: Path) -> AreaFile:
    """Read one file."""
    suffix = path.suffix.lower()
    try:
        if suffix in ENDINGS:
            return _parse(path.read_bytes(), suffix, path.parent)
    except (UserError, UnicodeDecodeError) as error:
        raise _failure(path, error) from error
    raise UserError(f"{path} is of no known format; give {' '.join(ENDINGS)}")


def _failure(path: Path, error: Exception) -> UserError:
    """Return what to tell of a file that cannot be read."""
    if isinstance(error, UnicodeDecodeError):
        return UserError(f"{path} is no text in UTF-8; write it again")
    message = one_line(error)
    return UserError(message if str(path) in message else f"{path}: {message}")


def _parse(data: bytes, suffix: str, folder: Path | None) -> AreaFile:
    """Return the areas of a file's bytes; folder: where masks are, None: none may be read."""
    if suffix == ".csv":
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        return AreaFile(csv_file.parse(text), [])
    if suffix == ".svg":
        return AreaFile(*svg.parse(data))
    return _parse_json(data, folder)


def _parse_json(data: bytes, folder: Path | None) -> AreaFile:
    """Return the areas of JSON, whose keys tell whose it is."""
    try:
        value: Any = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"is damaged, it is not JSON ({one_line(error)}); write it again"
        ) from error
    keys = set(value) if isinstance(value, dict) else set()
    try:
        if {"annotations", "images"} <= keys:
            return AreaFile(*coco.parse(value))
        if "shapes" in keys:
            return AreaFile(*labelme.parse(value))
        return AreaFile(own_json.parse(value, folder), [])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        reason = f"{type(error).__name__}: {one_line(error)}"
        raise UserError(f"does not have the fields of its format ({reason})") from error

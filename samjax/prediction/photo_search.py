"""Which of the files that a user names are photographs.

A file that is named is read, whatever its name. In a folder, files are taken by their ending, and
those of other endings by their first bytes; see `samjax.files.walk` for what is left out of a
folder and how links are followed. What is a picture but cannot be read is a failure and is told;
what samjax itself wrote is no photograph.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from samjax.data.moving import VIDEO_ENDINGS, is_animated
from samjax.errors import UserError
from samjax.files.walk import walk
from samjax.pictures.marks import is_marked

IMAGE_ENDINGS = frozenset(
    f".{name}"
    for row in (
        ("jpg", "jpeg", "jpe", "jfif", "png", "bmp", "dib", "tif", "tiff", "webp"),
        ("gif", "ppm", "pgm", "pbm", "pnm", "jp2", "tga", "avif", "ico"),
        ("heic", "heif", "hif", "mpo", "psd", "apng"),
    )
    for name in row
)
"""The endings of pictures that are read; HEIC with pillow-heif only."""

UNREAD = {
    "a raw photograph, which is not read; export it as JPEG or TIFF": (
        *("dng", "cr2", "cr3", "nef", "nrw", "arw", "orf", "rw2", "raf", "pef", "srw", "raw"),
        *("3fr", "rwl", "x3f", "iiq", "kdc"),
    ),
    "of a format that is not read; export it as JPEG, PNG or TIFF": (
        *("jxl", "jxr", "wdp", "exr", "hdr", "psb", "xcf", "j2k", "jpf", "jpx", "flif", "bpg"),
    ),
}
REASONS = {f".{ending}": reason for reason, endings in UNREAD.items() for ending in endings}
"""Why a picture with this ending is not read."""

DRAWINGS = frozenset((".svg", ".svgz", ".eps", ".ai", ".pdf", ".cdr", ".wmf", ".emf"))
VIDEOS = "videos, which have to be named themselves"
BACKUPS = ("~", ".bak", ".orig", ".old", ".tmp", ".part", ".crdownload", ".download", "_original")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\0", b"MM\0*")
HEAD = 512  # bytes that tell what a file is
SHOWN = 3  # names in a note


class Photo(NamedTuple):
    """An image to predict.

    Attributes:
        path: Where the image is.
        folder: The sub-folder that it stands in, below the folder that the user named; empty for
            an image that was named itself.
    """

    path: Path
    folder: Path


@dataclass
class Search:
    """What was found.

    Attributes:
        photos: The images, each once, in order.
        failed: What is an image, or may be, and cannot be read; and why.
        notes: Lines about what was left out, and about links.
    """

    photos: list[Photo] = field(default_factory=list)
    failed: list[tuple[Path, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_photos(paths: Sequence[str | Path], output: Path) -> Search:
    """Find the images among files and folders; the output folder in a folder is left out.

    Raises:
        UserError: A path is missing or empty, holds nothing that could be an image, or is itself
            the output folder; or the output is a file.
    """
    if output.exists() and not output.is_dir():
        raise UserError(f"{output} is a file; name a folder for the maps")
    if "" in paths:  # the name of the folder at hand, but hardly what was meant
        raise UserError("a path is empty; give images or folders of images")
    found = Search()
    photos: dict[Path, Photo] = {}
    for path in map(Path, paths):
        if path.is_dir():
            named = _photos_below(path, output, found)
        elif path.is_file():
            named = [Photo(path, Path())]
        elif path.exists():
            raise UserError(
                f"{path} is neither a file nor a folder; give images or folders of them"
            )
        else:
            link = f" (it is a link to {os.readlink(path)})" if path.is_symlink() else ""
            raise UserError(f"{path} does not exist{link}; give images or folders of images")
        for photo in named:
            # By the place where the user put it: two links to one file are two images.
            photos.setdefault(photo.path.parent.resolve() / photo.path.name, photo)
    found.photos = list(photos.values())
    moving = [photo.path.name for photo in found.photos if is_animated(photo.path)]
    if moving:
        found.notes.append(f"animated, of which the first frame is taken: {_listed(moving)}")
    return found


def _listed(names: Sequence[str]) -> str:
    """Return the first names of many."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _photos_below(folder: Path, output: Path, found: Search) -> list[Photo]:
    """Return the images in a folder and its sub-folders, and note all else."""
    target = output.resolve()
    if folder.resolve() == target:
        raise UserError(f"{folder} is read and written at once; choose another --output")
    content = walk(folder)
    photos: list[Photo] = []
    left_out: dict[str, list[str]] = {}
    failures = len(found.failed)
    for path in content.files:
        if target in path.parent.resolve().parents or target == path.parent.resolve():
            continue
        kind, reason = judge(path, content.files)
        if kind == "photo":
            photos.append(Photo(path, path.parent.relative_to(folder)))
        elif kind == "failed":
            found.failed.append((path, reason))
        elif reason:
            left_out.setdefault(reason, []).append(path.name)
    for path, problem in content.problems:
        if path.suffix.lower() in IMAGE_ENDINGS or not path.is_symlink():
            found.failed.append((path, problem))
        else:
            found.notes.append(f"{path}: {problem}; left out")
    found.notes += content.notes
    for reason, names in left_out.items():
        found.notes.append(f"{folder}: left out {reason}: {_listed(names)}")
    if not photos and len(found.failed) == failures:
        videos = f"; {VIDEOS}: {_listed(left_out[VIDEOS])}" if VIDEOS in left_out else ""
        raise UserError(f"{folder} holds no image ({' '.join(sorted(IMAGE_ENDINGS))}){videos}")
    return photos


def judge(path: Path, others: Sequence[Path]) -> tuple[str, str]:
    """Return what a file in a folder is: "photo", "failed" or "no photo", and why in words.

    Args:
        path: The file.
        others: All files of the folder.
    """
    ending, name = path.suffix.lower(), path.name.lower()
    if ending in REASONS:
        return "failed", REASONS[ending]
    if ending in VIDEO_ENDINGS:
        return "no photo", VIDEOS
    if ending in DRAWINGS:
        return "no photo", "drawings, which have no pixels"
    if name.endswith(BACKUPS):
        return "no photo", ""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        if ending in IMAGE_ENDINGS:
            return "failed", error.strerror or str(error)
        return "no photo", ""
    if is_marked(head) or _has_name_of_output(path, others):
        return "no photo", "what samjax wrote before"
    return ("photo" if ending in IMAGE_ENDINGS or _is_picture(head) else "no photo"), ""


def _is_picture(head: bytes) -> bool:
    """Return whether a file begins as pictures do."""
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    is_heif = head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"avif")
    return head.startswith(MAGIC) or is_webp or is_heif


def _has_name_of_output(path: Path, others: Sequence[Path]) -> bool:
    """Return whether a picture is called like one that former versions wrote beside its map."""
    for suffix in ("_overlay.jpg", "_heatmap.png"):
        if path.name.endswith(suffix):
            stem = path.name.removesuffix(suffix)
            return path.with_name(f"{stem}.npy") in others
    return False

"""Which images to read, under which names their maps are written, and in which formats."""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from samjax.errors import UserError
from samjax.files.atomic import write_atomic
from samjax.pictures import heatmap

FORMATS = ("npy", "png16", "png8")
IMAGE_ENDINGS = frozenset(
    f".{name}"
    for row in (
        ("jpg", "jpeg", "jpe", "jfif", "png", "bmp", "dib", "tif", "tiff", "webp"),
        ("gif", "ppm", "pgm", "pbm", "pnm", "jp2", "tga", "avif", "ico"),
    )
    for name in row
)


class Photo(NamedTuple):
    """path of an image, and where it stands below the folder that named it ('' for a file)."""

    path: Path
    folder: Path


class Outputs(NamedTuple):
    """The files of one image: (kind, suffix) -> path, with kind one of 'npy', 'png16', 'png8',
    'heatmap', 'overlay'."""

    photo: Path
    files: dict[tuple[str, str], Path]


def find_photos(paths: Sequence[str | Path], output: Path) -> list[Photo]:
    """Images among files (any ending) and folders (recursive, by ending), each once, in order.

    The output folder is not searched. UserError: a path is missing, holds no image, or is itself
    the output folder.
    """
    found: dict[Path, Photo] = {}
    for path in map(Path, paths):
        if path.is_dir():
            photos = list(_photos_below(path, output))
        elif path.exists():
            photos = [Photo(path, Path())]
        else:
            raise UserError(f"{path} does not exist; give images or folders of images")
        if not photos:
            raise UserError(f"{path} holds no image ({' '.join(sorted(IMAGE_ENDINGS))})")
        for photo in photos:
            found.setdefault(photo.path.resolve(), photo)
    return list(found.values())


def _photos_below(folder: Path, output: Path) -> Iterable[Photo]:
    if folder.resolve() == output.resolve():
        raise UserError(f"{folder} is read and written at once; choose another --output")
    for path in sorted(folder.rglob("*")):
        inside_output = output.resolve() in path.resolve().parents
        hidden = path.name.startswith(".")
        if path.suffix.lower() in IMAGE_ENDINGS and path.is_file() and not inside_output | hidden:
            yield Photo(path, path.parent.relative_to(folder))


def plan_outputs(
    photos: Sequence[Photo], output: Path, kinds: Sequence[str], suffixes: Sequence[str] = ("",)
) -> list[Outputs]:
    """Names every file that will be written: no two alike (even where case does not count), none
    of them an input.

    A map is called after its image, in the same sub-folder as below the folder that was given:
    STEM; where several images would be, STEM_ending (a_jpg, a_png); where that is taken too,
    STEM_ending_2 and so on. With several maps of an image each has its suffix behind that name.
    """
    stems = Counter(_key(output / p.folder / p.path.stem) for p in photos)
    taken = {_key(photo.path.resolve()) for photo in photos}
    plans = []
    for photo in photos:
        alone = stems[_key(output / photo.folder / photo.path.stem)] == 1
        for stem in _candidates(photo.path, alone):
            base = output / photo.folder
            files = {
                (kind, suffix): base / (stem + suffix + _ending(kind, kinds))
                for suffix in suffixes
                for kind in kinds
            }
            keys = {_key(file.resolve()) for file in files.values()}
            if not keys & taken:
                break
        taken |= keys
        plans.append(Outputs(photo.path, files))
    return plans


def _candidates(path: Path, alone: bool) -> Iterable[str]:
    if alone:
        yield path.stem
    full = f"{path.stem}_{path.suffix[1:]}" if path.suffix else f"{path.stem}_"
    yield full
    number = 2
    while True:
        yield f"{full}_{number}"
        number += 1


def _key(path: Path) -> str:
    return str(path).casefold()


def _ending(kind: str, kinds: Sequence[str]) -> str:
    both = "png8" in kinds and "png16" in kinds
    endings = {"npy": ".npy", "png16": ".png", "png8": "_8bit.png" if both else ".png"}
    return endings.get(kind) or {"heatmap": "_heatmap.png", "overlay": "_overlay.jpg"}[kind]


def write_outputs(files: dict[str, Path], saliency: np.ndarray, image: np.ndarray | None):
    """Writes a map [H, W] in every kind, each file at once; image: RGB, needed for 'overlay'."""
    for kind, path in files.items():
        write_atomic(path, _encoded(kind, saliency, image))


def _encoded(kind: str, saliency: np.ndarray, image: np.ndarray | None) -> bytes:
    if kind == "npy":
        buffer = io.BytesIO()
        np.save(buffer, saliency.astype(np.float32))
        return buffer.getvalue()
    if kind in ("png8", "png16"):
        levels = np.uint8 if kind == "png8" else np.uint16
        return _picture(".png", heatmap.quantise(saliency, levels))
    if kind == "heatmap":
        return _picture(".png", cv2.cvtColor(heatmap.heatmap(saliency), cv2.COLOR_RGB2BGR))
    return _picture(".jpg", cv2.cvtColor(heatmap.overlay(image, saliency), cv2.COLOR_RGB2BGR))


def _picture(ending: str, pixels: np.ndarray) -> bytes:
    done, data = cv2.imencode(ending, pixels)
    if not done:
        raise UserError(f"a picture of {pixels.shape} cannot be written as {ending}")
    return data.tobytes()

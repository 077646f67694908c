"""Under which names the maps of images are written, and in which formats."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from samjax.errors import UserError
from samjax.files.atomic import atomic, write_atomic
from samjax.files.limits import strips
from samjax.pictures import heatmap
from samjax.pictures.encoding import smooth_png
from samjax.pictures.marks import marked
from samjax.prediction.photo_search import Photo

FORMATS = ("npy", "png16", "png8")
DRAWN_ON = ("overlay", "_scanpath.jpg")
"""The kinds of files that are drawn on the image."""
Encoder = Callable[[np.ndarray, np.ndarray | None], bytes]
"""Returns the bytes of a file from a map [H, W] and, if it is drawn on, the image [H, W, 3]."""


class Outputs(NamedTuple):
    """The files to write for one image.

    Attributes:
        photo: The path of the image.
        files: {(kind, suffix): path}, where the kind is "npy", "png16", "png8", "heatmap" or
            "overlay", and the suffix tells several maps of the image apart.
    """

    photo: Path
    files: dict[tuple[str, str], Path]


def plan_outputs(
    photos: Sequence[Photo], output: Path, kinds: Sequence[str], suffixes: Sequence[str] = ("",)
) -> list[Outputs]:
    """Name every file that will be written.

    No two files have the same name, even where upper and lower case do not count, and none has
    the name of an input.

    A map is called after its image and stands in the same sub-folder: STEM; where several images
    have that stem, STEM_ending (a_jpg, a_png); and where that is taken too, STEM_ending_2 and so
    on. Where an image has several maps, each has its suffix behind that name.
    """
    stems = Counter(_key(output / photo.folder / photo.path.stem) for photo in photos)
    taken = {_key(photo.path.resolve()) for photo in photos}
    plans = []
    for photo in photos:
        is_only = stems[_key(output / photo.folder / photo.path.stem)] == 1
        for stem in _candidates(photo.path, is_only):
            base = output / photo.folder
            files = {
                (kind, suffix): base / (stem + suffix + file_ending(kind, kinds))
                for suffix in suffixes
                for kind in kinds
            }
            keys = {_key(file.resolve()) for file in files.values()}
            if not keys & taken:
                break
        taken |= keys
        plans.append(Outputs(photo.path, files))
    return plans


def _candidates(path: Path, is_only: bool) -> Iterator[str]:
    """Yield the stems that a map may have, the best first; is_only: no other image has its stem."""
    if is_only:
        yield path.stem
    full = f"{path.stem}_{path.suffix[1:]}"
    yield full
    number = 2
    while True:
        yield f"{full}_{number}"
        number += 1


def _key(path: Path) -> str:
    """Return what two paths have in common if a file system may take them for the same file."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def file_ending(kind: str, kinds: Sequence[str]) -> str:
    """Return the ending of a kind of file; the two kinds of PNG differ where both are written.

    A kind that begins with a dot or an underscore is an ending itself.
    """
    if kind[0] in "._":
        return kind
    if kind == "png8":
        return "_8bit.png" if "png16" in kinds else ".png"
    return {
        "npy": ".npy",
        "png16": ".png",
        "heatmap": "_heatmap.png",
        "overlay": "_overlay.jpg",
    }[kind]


def write_outputs(
    files: dict[str, Path],
    saliency: heatmap.Map,
    image: np.ndarray | None,
    encoders: Mapping[str, Encoder] | None = None,
) -> None:
    """Write a map in several kinds of files, each of which appears at once or not at all.

    Args:
        files: {kind: path}.
        saliency: The map, float [H, W], or what makes its rows.
        image: The image, RGB uint8 [H, W, 3]; only the kinds in `DRAWN_ON` need it.
        encoders: {kind: what makes the file}, of kinds that this module does not know.
    """
    for kind, path in files.items():
        if kind == "npy":
            _write_array(path, saliency)
        elif encoders and kind in encoders:
            write_atomic(path, marked(encoders[kind](np.asarray(saliency), image)))
        else:
            write_atomic(path, encode_map(kind, saliency, image))


def _write_array(path: Path, saliency: heatmap.Map) -> None:
    """Write a map as float32, a strip at a time: that of a large photograph takes 500 MB."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {"descr": "<f4", "fortran_order": False, "shape": saliency.shape}
    with atomic(path) as partial, partial.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for rows in strips(saliency.shape):
            file.write(np.ascontiguousarray(saliency[rows], "<f4").data)


def encode_map(kind: str, saliency: heatmap.Map, image: np.ndarray | None) -> bytes:
    """Return the bytes of a map's picture of this kind."""
    if kind == "png8":
        return marked(smooth_png(heatmap.quantise(saliency, np.uint8)))
    if kind == "png16":
        return _picture(".png", heatmap.quantise(saliency, np.uint16))
    if kind == "heatmap":
        return _picture(".png", cv2.cvtColor(heatmap.heatmap(saliency), cv2.COLOR_RGB2BGR))
    assert image is not None, "an overlay is drawn on the image"
    return _picture(".jpg", cv2.cvtColor(heatmap.overlay(image, saliency), cv2.COLOR_RGB2BGR))


def _picture(ending: str, pixels: np.ndarray) -> bytes:
    """Return an encoded picture, of which `pixels` are grey [H, W] or BGR [H, W, 3]."""
    is_done, data = cv2.imencode(ending, pixels)
    if not is_done:
        raise UserError(f"a picture of {pixels.shape} cannot be written as {ending}")
    return marked(data.tobytes())

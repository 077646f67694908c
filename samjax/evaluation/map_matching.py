"""Which file of a folder is the map of which image, by their names.

The map of DIR/STEM.jpg is STEM.* in the same sub-folder, or else in any one, where no other image
has that stem. Names are the same in whatever form Unicode writes an accent.
"""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from samjax.console.log import log
from samjax.errors import UserError
from samjax.files.walk import walk

# In the order in which they are taken where an image has files of several kinds that agree: float
# before 16 bit before 8 bit.
ARRAYS = (".npy", ".npz", ".mat", ".h5", ".hdf5")
PICTURES = (".tiff", ".tif", ".png", ".bmp", ".jpg", ".jpeg")
ENDINGS = ARRAYS + PICTURES


class MatchedMaps(NamedTuple):
    """Which map belongs to which image.

    Attributes:
        files: By image_id, its maps, the finest first; several are to be the same map.
        missing: The image_ids without a map.
        surplus: Maps without an image.
    """

    files: dict[str, list[Path]]
    missing: list[str]
    surplus: list[Path]


def match_maps(folder: Path, image_ids: Iterable[str]) -> MatchedMaps:
    """Find the maps of images in a folder and its sub-folders.

    Args:
        folder: Where the maps are.
        image_ids: The images' names without their endings, with the sub-folders they are in.

    Raises:
        UserError: There is no such folder, no map belongs to any image, one map would serve several
            images, or an image has maps in several sub-folders.
    """
    if not folder.is_dir() or str(folder) == ".":
        raise UserError(
            f"{folder} is not a folder of maps; give the folder that holds the maps STEM.*"
        )
    by_name: dict[str, list[Path]] = {}
    for path in _map_files(folder):
        inside = PurePosixPath(os.path.relpath(path, folder)).with_suffix("")
        by_name.setdefault(_same(str(inside)), []).append(path)
    by_stem: dict[str, list[str]] = {}
    for name in by_name:
        by_stem.setdefault(PurePosixPath(name).name, []).append(name)
    ids = list(image_ids)
    stems = Counter(PurePosixPath(_same(image_id)).name for image_id in ids)
    for image_id in ids:  # a map in the place of one image is no other's
        own = PurePosixPath(_same(image_id))
        if str(own) in by_stem.get(own.name, ()):
            by_stem[own.name].remove(str(own))
    names = {image_id: _name_of(image_id, by_name, by_stem, stems, folder) for image_id in ids}
    files = {image_id: _finest_first(by_name[name]) for image_id, name in names.items() if name}
    if not files:
        there = ", ".join(paths[0].name for paths in [*by_name.values()][:3]) or "no map at all"
        raise UserError(
            f"{folder} has no map for any of the {len(ids)} images (it holds {there}); name the "
            f"maps like the images: {ids[0]}.npy, or {' '.join(ENDINGS)}"
        )
    used = {path for paths in files.values() for path in paths}
    every = [path for paths in by_name.values() for path in paths]
    return MatchedMaps(
        files=files,
        missing=[image_id for image_id, name in names.items() if not name],
        surplus=[path for path in every if path not in used],
    )


def image_names(paths: Sequence[PurePosixPath]) -> list[str]:
    """Return the names that the maps of image files have, as `samjax predict` calls them.

    It is the file's without its ending, or STEM_ending where several images of a folder have one
    stem.
    """
    stems = Counter(_same(str(path.with_suffix(""))) for path in paths)
    names = []
    for path in paths:
        name = str(path.with_suffix(""))
        names.append(f"{name}_{path.suffix[1:]}" if stems[_same(name)] > 1 else name)
    return names


def _map_files(folder: Path) -> list[Path]:
    """Return the files below a folder that may be maps; what could not be followed is told."""
    found = walk(folder)
    for path, problem in found.problems:
        log(f"{path}: {problem}; left out")
    for note in found.notes:
        log(note)
    return [path for path in found.files if path.suffix.lower() in ENDINGS]


def _name_of(
    image_id: str,
    by_name: dict[str, list[Path]],
    by_stem: dict[str, list[str]],
    stems: Counter[str],
    folder: Path,
) -> str:
    """Return the name of an image's map; "" if it has none."""
    name = _same(image_id)
    if name in by_name:
        return name
    stem = PurePosixPath(name).name
    candidates = by_stem.get(stem, [])
    if not candidates:
        return ""
    if len(candidates) > 1:
        where = ", ".join(str(by_name[other][0]) for other in candidates[:3])
        raise UserError(
            f"image {image_id} may have {len(candidates)} maps ({where}); put the maps into "
            f"sub-folders as the images are, so that {folder}/{image_id}.* is the map"
        )
    if stems[stem] > 1:
        raise UserError(
            f"{by_name[candidates[0]][0]} would be the map of {stems[stem]} images called {stem}, "
            f"one of them {image_id}; put the maps into sub-folders as the images are"
        )
    return candidates[0]


def _finest_first(paths: list[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: ENDINGS.index(path.suffix.lower()))


def _same(name: str) -> str:
    """Return what all forms of a name have in common in which Unicode can write it."""
    return unicodedata.normalize("NFC", name)

"""Packs maps for the benchmarks that score hidden fixations.

tuebingen  one HDF5 file for MIT300, CAT2000 or COCO-Freeview: a dataset per image, named like the
           image file below the folder of images, float32 [H, W], the natural log of a density
           (Kümmerer, Wallis and Bethge, "Saliency Benchmarking Made Easy", ECCV 2018)
salicon    a zip of 8-bit PNGs, STEM.png, all at its top, at the images' size (Jiang et al.,
           "SALICON: Saliency in Context", CVPR 2015)
cat2000    a zip of 8-bit PNGs that keeps the folders of categories: Action/001.png (Borji and Itti,
           "CAT2000: A Large Scale Fixation Dataset for Boosting Saliency Research", 2015)

Every image must have a map of its size. Densities and grey levels have no exact zeros: a zero says
that people cannot look there, and the benchmarks' KL and IG punish that without bound.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import cv2
import h5py
import numpy as np
from jaxtyping import Float

from samjax.console.log import log
from samjax.data.image_headers import image_header
from samjax.errors import UserError, one_line
from samjax.evaluation.given_maps import NOTHING_SAID, MapOptions, read_given
from samjax.evaluation.map_matching import image_names, match_maps
from samjax.evaluation.map_sizes import ImageSize
from samjax.evaluation.packed_density import log_density
from samjax.files.atomic import atomic
from samjax.files.walk import walk
from samjax.pictures import heatmap
from samjax.prediction.photo_search import IMAGE_ENDINGS

EPOCH = (1980, 1, 1, 0, 0, 0)  # of files in a zip, so that equal maps give equal bytes


def pack(
    kind: str, maps: Path, images: Path, output: Path, options: MapOptions = NOTHING_SAID
) -> list[str]:
    """Pack the maps MAPS/STEM.* of the images in a folder.

    Maps may lie in sub-folders as their images do. A benchmark wants all of them, so nothing is
    written where one cannot be used.

    Args:
        kind: "tuebingen", "salicon" or "cat2000".
        maps: The folder of the maps.
        images: The folder of the benchmark's images, which give the names and the sizes.
        output: The file to write.
        options: What the user says about the maps.

    Returns:
        The names that were packed.

    Raises:
        UserError: There is no such kind, an image has no map or several, or one of another size,
            or a map is not finite or has no mass.
    """
    if kind not in PACKERS:
        raise UserError(f"there is no submission {kind!r}; the kinds are {', '.join(PACKERS)}")
    options.check()
    paths = find_images(images)
    by_name = dict(zip(image_names([PurePosixPath(path) for path in paths]), paths, strict=True))
    matched = match_maps(maps, by_name)
    if matched.missing:
        number, first = len(matched.missing), by_name[matched.missing[0]]
        raise UserError(f"{number} images have no map in {maps}, the first is {first}")
    files = {by_name[name]: matched.files[name] for name in by_name}
    output.parent.mkdir(parents=True, exist_ok=True)
    with atomic(output) as partial:
        return PACKERS[kind](_sized_maps(files, images, options), partial)


def find_images(folder: Path) -> list[Path]:
    """Return the images below a folder, relative to it, sorted.

    The maps that CAT2000 keeps in folders called Output are none of them.

    Raises:
        UserError: There is no such folder, or it holds no image.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; give the folder of the benchmark's images")
    found = walk(folder)
    for note in found.notes:
        log(note)
    for path, problem in found.problems:
        raise UserError(f"{path}: {problem}; take it away, or it would be left out unseen")
    names = []
    for path in found.files:
        name = path.relative_to(folder)
        if path.suffix.lower() in IMAGE_ENDINGS and "Output" not in name.parts:
            names.append(name)
    if not names:
        raise UserError(f"{folder} holds no image; give the folder of the benchmark's images")
    return names


def _sized_maps(
    files: dict[Path, list[Path]], images: Path, options: MapOptions
) -> Iterator[tuple[Path, np.ndarray]]:
    """Yield the name of each image with its map, which must have the image's size.

    Raises:
        UserError: Some could not be used. All others were yielded before, and it was said which.
    """
    problems = []
    for name, paths in files.items():
        try:
            values = _sized_map(paths, images / name, options)
        except (UserError, OSError, MemoryError) as error:
            problems.append(one_line(error))
            continue
        yield name, values
    for problem in problems[1:]:
        log(f"not packed: {problem}")
    if problems:
        raise UserError(
            f"{len(problems)} of {len(files)} maps cannot be packed, so nothing is written: "
            f"{problems[0]}"
        )


def _sized_map(paths: list[Path], image: Path, options: MapOptions) -> np.ndarray:
    """Return the map of an image, float32 [H, W] of the image's size."""
    try:
        stored, orientation = image_header(image)
    except UserError as error:
        raise UserError(f"{image}: cannot be read as an image ({error})") from error
    values = read_given(paths, ImageSize(stored, stored, orientation), options).values
    if values.shape != stored:
        raise UserError(f"{paths[0]}: the map is {values.shape}, its image is {stored}; resize it")
    if not values.any():
        raise UserError(f"{paths[0]}: the map is zero everywhere; make it anew")
    return values


def _pack_hdf5(maps: Iterator[tuple[Path, np.ndarray]], output: Path) -> list[str]:
    """Write a dataset per image, and return their names."""
    names = []
    with h5py.File(output, "w") as file:
        for name, saliency in maps:
            names.append(name.as_posix())
            try:
                values = log_density(saliency)
            except UserError as error:
                raise UserError(f"the map of {name}: {error}") from error
            file.create_dataset(names[-1], data=values, compression="gzip")
    return names


def _pack_zip(maps: Iterator[tuple[Path, np.ndarray]], output: Path, folders: bool) -> list[str]:
    """Write a PNG per image, with or without the folders of the images, and return their names."""
    names: list[str] = []
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as file:
        for name, saliency in maps:
            path = (name if folders else Path(name.name)).with_suffix(".png").as_posix()
            if path in names:
                raise UserError(f"two images would be {path} in the zip; give one folder of images")
            names.append(path)
            file.writestr(zipfile.ZipInfo(path, EPOCH), _png(saliency))
    return names


def _png(saliency: Float[np.ndarray, "H W"]) -> bytes:
    """Return a map as an 8-bit PNG, from 1 to 255."""
    shifted = saliency - min(float(saliency.min()), 0)
    done, data = cv2.imencode(".png", heatmap.quantise(shifted, np.uint8))
    if not done:
        raise UserError(f"a map of {saliency.shape} cannot be written as a PNG")
    return data.tobytes()


PACKERS: dict[str, Callable[[Iterator[tuple[Path, np.ndarray]], Path], list[str]]] = {
    "tuebingen": _pack_hdf5,
    "salicon": lambda maps, output: _pack_zip(maps, output, folders=False),
    "cat2000": lambda maps, output: _pack_zip(maps, output, folders=True),
}
KINDS: Sequence[str] = tuple(PACKERS)

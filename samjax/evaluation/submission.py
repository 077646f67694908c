"""Packs maps for the benchmarks that score hidden fixations.

tuebingen  one HDF5 file for MIT300, CAT2000 or COCO-Freeview: a dataset per image, named like the
           image file below the folder of images, float32 [H, W], the natural log of a density
salicon    a zip of 8-bit PNGs, STEM.png, all at its top, at the images' size
cat2000    a zip of 8-bit PNGs that keeps the folders of categories: Action/001.png

Every image must have a map of its size. Densities and grey levels have no exact zeros: a zero would
claim that people cannot look there, which the benchmarks' KL and IG punish without bound.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import h5py
import numpy as np
from PIL import Image

from samjax.errors import UserError
from samjax.evaluation.map_files import ARRAYS, PICTURES, read_map
from samjax.files.atomic import atomic
from samjax.pictures import heatmap
from samjax.prediction.outputs import IMAGE_ENDINGS

FLOOR = 1e-4  # of the mass, spread evenly where a map has zeros
SUM_TOLERANCE = 1e-3
EPOCH = (1980, 1, 1, 0, 0, 0)  # of files in a zip, so that equal maps give equal bytes


def pack(kind: str, maps: Path, images: Path, output: Path) -> list[str]:
    """Packs the maps MAPS/STEM.* of the images in a folder; returns the names that were packed.

    Maps may lie in sub-folders as their images do. UserError: an unknown kind, an image without a
    map or of another size, a map that is not finite or has no mass.
    """
    if kind not in PACKERS:
        raise UserError(f"there is no submission {kind!r}; the kinds are {', '.join(PACKERS)}")
    names = find_images(images)
    files = {name: _map_of(maps, name) for name in names}
    missing = [str(name) for name, file in files.items() if file is None]
    if missing:
        raise UserError(f"{len(missing)} images have no map in {maps}, the first is {missing[0]}")
    output.parent.mkdir(parents=True, exist_ok=True)
    with atomic(output) as partial:
        return PACKERS[kind](_sized_maps(files, images), partial)


def find_images(folder: Path) -> list[Path]:
    """The images below a folder, relative to it, sorted; CAT2000's own Output folders are none."""
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; give the folder of the benchmark's images")
    found = [p.relative_to(folder) for p in sorted(folder.rglob("*")) if p.is_file()]
    names = [
        p for p in found
        if p.suffix.lower() in IMAGE_ENDINGS and "Output" not in p.parts and p.name[0] != "."
    ]  # fmt: skip
    if not names:
        raise UserError(f"{folder} holds no image; give the folder of the benchmark's images")
    return names


def log_density(saliency: np.ndarray) -> np.ndarray:
    """float32 [H, W], natural log of the density; its exponential sums to 1.

    Negative values are shifted up; where there are zeros, 1e-4 of the mass is spread evenly.
    """
    values = np.asarray(saliency, np.float64)
    values = values - min(values.min(), 0)
    if not np.isfinite(values).all() or not values.any():
        raise UserError("the map is blank or not finite; no density can be made of it")
    density = values / values.sum()
    if density.min() <= 0:
        density = (1 - FLOOR) * density + FLOOR / density.size
    log = np.log(density).astype(np.float32)
    mass = np.exp(log.astype(np.float64)).sum()
    if abs(mass - 1) > SUM_TOLERANCE:
        raise UserError(f"the density sums to {mass:.6f}, not to 1")
    return log


def _map_of(maps: Path, name: Path) -> Path | None:
    """The map of an image: beside its sub-folder, or at the top."""
    for base in (maps / name.with_suffix(""), maps / name.stem):
        for ending in ARRAYS + PICTURES:
            path = base.with_name(base.name + ending)
            if path.is_file():
                return path
    return None


def _sized_maps(files: dict[Path, Path], images: Path) -> Iterator[tuple[Path, np.ndarray]]:
    for name, file in files.items():
        values = read_map(file).values
        with Image.open(images / name) as image:
            size = image.height, image.width
        if values.shape != size:
            raise UserError(f"{file}: the map is {values.shape}, its image is {size}; resize it")
        if not np.isfinite(values).all():
            raise UserError(f"{file}: the map is not finite; make it anew")
        yield name, values


def _pack_hdf5(maps: Iterator[tuple[Path, np.ndarray]], output: Path) -> list[str]:
    names = []
    with h5py.File(output, "w") as file:
        for name, saliency in maps:
            names.append(name.as_posix())
            file.create_dataset(names[-1], data=log_density(saliency), compression="gzip")
    return names


def _pack_zip(maps: Iterator[tuple[Path, np.ndarray]], output: Path, folders: bool) -> list[str]:
    names: list[str] = []
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as file:
        for name, saliency in maps:
            path = (name if folders else Path(name.name)).with_suffix(".png").as_posix()
            if path in names:
                raise UserError(f"two images would be {path} in the zip; give one folder of images")
            names.append(path)
            file.writestr(zipfile.ZipInfo(path, EPOCH), _png(saliency))
    return names


def _png(saliency: np.ndarray) -> bytes:
    shifted = saliency - min(float(saliency.min()), 0)
    done, data = cv2.imencode(".png", heatmap.quantise(shifted, np.uint8))
    if not done:
        raise UserError(f"a map of {saliency.shape} cannot be written as a PNG")
    return io.BytesIO(data).getvalue()


PACKERS = {
    "tuebingen": _pack_hdf5,
    "salicon": lambda maps, output: _pack_zip(maps, output, folders=False),
    "cat2000": lambda maps, output: _pack_zip(maps, output, folders=True),
}
KINDS: Sequence[str] = tuple(PACKERS)

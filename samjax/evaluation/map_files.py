"""Anyone's saliency maps: files of many formats to float arrays, found by the image's name.

PNG (8 or 16 bit), JPEG, TIFF and BMP (8 to 32 bit, float), NPY, NPZ, MAT (v5 by SciPy, v7.3 as
HDF5) and HDF5. A file of several arrays must hold one named like the image, or only one that has
two dimensions.
"""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import h5py
import numpy as np
import scipy.io
from jaxtyping import Shaped

from samjax.errors import UserError

# The first found counts where one image has several files: float before 16 bit before 8 bit.
ARRAYS = (".npy", ".npz", ".mat", ".h5", ".hdf5")
PICTURES = (".tiff", ".tif", ".png", ".bmp", ".jpg", ".jpeg")


class SaliencyMap(NamedTuple):
    """A map as its file holds it.

    Attributes:
        values: float32 [H, W].
        bits: 8 where the file has no more than 256 levels, 16, or 32.
    """

    values: np.ndarray
    bits: int


class MatchedMaps(NamedTuple):
    """Which map belongs to which image.

    Attributes:
        files: By image_id, its map.
        missing: The image_ids without a map.
        surplus: Maps without an image.
        duplicates: Maps beside a better one of the same name.
    """

    files: dict[str, Path]
    missing: list[str]
    surplus: list[Path]
    duplicates: list[Path]


def match_maps(folder: Path, image_ids: Iterable[str]) -> MatchedMaps:
    """Find STEM.* for every image_id in a folder.

    Raises:
        UserError: There is no such folder, or no map belongs to any image.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; give the folder that holds the maps STEM.*")
    by_stem: dict[str, list[Path]] = {}
    endings = ARRAYS + PICTURES
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in endings and not path.name.startswith("."):
            by_stem.setdefault(path.stem, []).append(path)
    for paths in by_stem.values():
        paths.sort(key=lambda path: endings.index(path.suffix.lower()))
    ids = list(image_ids)
    files = {image_id: by_stem[image_id][0] for image_id in ids if image_id in by_stem}
    if not files:
        raise UserError(
            f"{folder} has no map for any of the {len(ids)} images; name the maps like the images: "
            f"{ids[0]}.npy, or {' '.join(endings)}"
        )
    return MatchedMaps(
        files=files,
        missing=[image_id for image_id in ids if image_id not in by_stem],
        surplus=[path for stem in by_stem if stem not in files for path in by_stem[stem]],
        duplicates=[path for image_id in files for path in by_stem[image_id][1:]],
    )


def read_map(path: Path) -> SaliencyMap:
    """Read one map; colour is averaged, and an alpha channel ignored.

    Raises:
        UserError: It cannot be read, or is no array of numbers [height, width].
    """
    suffix = path.suffix.lower()
    try:
        array = _read_picture(path) if suffix in PICTURES else _read_array(path, suffix)
    except _UNREADABLE as error:
        raise UserError(f"{path}: cannot be read as a map ({error})") from error
    bits = {1: 8, 2: 16}.get(array.dtype.itemsize, 32)
    if array.dtype.kind not in "buif":
        raise UserError(f"{path}: holds {array.dtype}, not numbers; store a float array [H, W]")
    if bits == 16 and array.dtype.kind != "f" and _levels_of_8_bit(array):
        bits = 8
    values = array.astype(np.float32)
    if values.ndim == 3 and values.shape[-1] in (1, 2, 3, 4):
        colours = 1 if values.shape[-1] < 3 else 3
        values = values[..., :colours].mean(axis=-1)
    values = np.squeeze(values) if values.ndim > 2 else values
    if values.ndim != 2 or not values.size:
        raise UserError(f"{path}: has the shape {array.shape}; a map has [height, width]")
    return SaliencyMap(values, bits)


_UNREADABLE = (OSError, ValueError, KeyError, EOFError, NotImplementedError, TypeError,
               zipfile.BadZipFile, cv2.error, scipy.io.matlab.MatReadError)  # fmt: skip


def _levels_of_8_bit(array: np.ndarray) -> bool:
    """Return whether 16-bit values are 8-bit ones, as they are or scaled to the larger range."""
    return not np.any(array % 257) or not np.any(array >> 8)


def _read_picture(path: Path) -> Shaped[np.ndarray, "..."]:
    """Return the pixels of an image file, unchanged: [H, W] or [H, W, C]."""
    data = np.frombuffer(path.read_bytes(), np.uint8)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(data, flags) if data.size else None
    if image is None:
        raise ValueError("damaged, or not of the format that its ending says")
    return image


def _read_array(path: Path, suffix: str) -> Shaped[np.ndarray, "..."]:
    """Return the map in a file of arrays."""
    if suffix == ".npy":
        return np.load(path, allow_pickle=False)
    if suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            return _choose_map({name: file[name] for name in file.files}, path)
    if h5py.is_hdf5(path):
        chosen = _choose_map(_hdf5_arrays(path), path)
        return chosen.T if suffix == ".mat" else chosen  # MATLAB stores columns first
    if suffix != ".mat":
        raise ValueError("not an HDF5 file")
    content = scipy.io.loadmat(path)
    arrays = {name: content[name] for name in content if not name.startswith("__")}
    return _choose_map(arrays, path)


def _hdf5_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an HDF5 file by their names without groups."""
    arrays: dict[str, np.ndarray] = {}

    def collect(name: str, item: h5py.Dataset | h5py.Group) -> None:
        """Keep an item if it is an array, under its name without groups."""
        if isinstance(item, h5py.Dataset):
            arrays[name.rsplit("/", 1)[-1]] = item[()]

    with h5py.File(path, "r") as file:
        file.visititems(collect)
    return arrays


def _choose_map(arrays: dict[str, np.ndarray], path: Path) -> Shaped[np.ndarray, "..."]:
    """Return the array named like the file, or the only one with two dimensions or more."""
    for name, array in arrays.items():
        if path.stem in (name, Path(name).stem):
            return array
    maps = {name: a for name, a in arrays.items() if np.ndim(a) >= 2 and np.size(a) > 1}
    if len(maps) != 1:
        raise ValueError(
            f"holds {len(maps)} arrays [height, width] ({', '.join(maps) or 'none'}), not one"
        )
    return next(iter(maps.values()))

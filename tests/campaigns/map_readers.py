"""Readers of saliency maps that are given to `samjax score` and `samjax pack`."""

from pathlib import Path

import cv2
import h5py
import numpy as np
import scipy.io
import scipy.sparse

from samjax.evaluation.map_files import read_map
from tests.campaigns.readers import Reader


def _map() -> np.ndarray:
    y, x = np.mgrid[:20, :30]
    return np.exp(-((x - 9) ** 2 + (y - 6) ** 2) / 40).astype(np.float32)


def _npz(path: Path) -> None:
    np.savez(path, saliency=_map(), sigma=3.0)


def _npz_compressed(path: Path) -> None:
    np.savez_compressed(path, saliency=_map(), sigma=3.0)


def _mat(path: Path) -> None:
    scipy.io.savemat(path, {"map": _map(), "name": "x"}, do_compression=True)


def _mat_plain(path: Path) -> None:
    scipy.io.savemat(path, {"map": _map(), "name": "x"})


def _mat_nested(path: Path) -> None:
    scipy.io.savemat(path, {"result": {"map": _map(), "image": "a"}})


def _mat_sparse(path: Path) -> None:
    scipy.io.savemat(path, {"map": scipy.sparse.csc_matrix(np.round(_map() * 3))})


def _mat_4(path: Path) -> None:
    scipy.io.savemat(path, {"map": _map()}, format="4")


def _mat_73(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset("map", data=_map().T, compression="gzip")


def _h5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("some/map", data=_map())
        file["scalar"] = 3


def _picture(path: Path) -> None:
    cv2.imwrite(str(path), np.rint(_map() * 255).astype(np.uint8))


def _deep(path: Path) -> None:
    cv2.imwrite(str(path), np.rint(_map() * 65535).astype(np.uint16))


READERS = (
    Reader("map-npy", "a.npy", lambda path: np.save(path, _map()), read_map),
    Reader("map-npz", "a.npz", _npz, read_map),
    Reader("map-npz-compressed", "a.npz", _npz_compressed, read_map),
    Reader("map-mat", "a.mat", _mat, read_map),
    Reader("map-mat-plain", "a.mat", _mat_plain, read_map),
    Reader("map-mat-nested", "a.mat", _mat_nested, read_map),
    Reader("map-mat-sparse", "a.mat", _mat_sparse, read_map),
    Reader("map-mat-4", "a.mat", _mat_4, read_map),
    Reader("map-mat-73", "a.mat", _mat_73, read_map),
    Reader("map-h5", "a.h5", _h5, read_map),
    Reader("map-png", "a.png", _deep, read_map),
    Reader("map-jpg", "a.jpg", _picture, read_map),
    Reader("map-tif", "a.tif", lambda path: cv2.imwrite(str(path), _map()), read_map),
    Reader("map-bmp", "a.bmp", _picture, read_map),
)

"""Readers of saliency maps that are given to `samjax score` and `samjax pack`."""

from pathlib import Path

import cv2
import h5py
import numpy as np
import scipy.io
import scipy.sparse

from samjax.errors import UserError
from samjax.evaluation.given_maps import MapOptions, read_given
from samjax.evaluation.map_sizes import ImageSize, SizeOptions
from samjax.evaluation.packed_density import log_density
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


def _use(path: Path) -> None:
    """Read a map as `samjax score` and `samjax pack` do, by each thing that can be said of it."""
    size = SizeOptions(stretch=True)
    refused = None
    for values in ("", "saliency", "density", "log-density"):
        try:
            options = MapOptions(values, normalise=bool(values), size=size)
            given = read_given([path], ImageSize((20, 30), (20, 30)), options)
            log_density(given.values)
        except UserError as error:
            refused = error
        else:
            return
    assert refused is not None
    raise refused


READERS = (
    Reader("map-npy", "a.npy", lambda path: np.save(path, _map()), _use),
    Reader("map-npz", "a.npz", _npz, _use),
    Reader("map-npz-compressed", "a.npz", _npz_compressed, _use),
    Reader("map-mat", "a.mat", _mat, _use),
    Reader("map-mat-plain", "a.mat", _mat_plain, _use),
    Reader("map-mat-nested", "a.mat", _mat_nested, _use),
    Reader("map-mat-sparse", "a.mat", _mat_sparse, _use),
    Reader("map-mat-4", "a.mat", _mat_4, _use),
    Reader("map-mat-73", "a.mat", _mat_73, _use),
    Reader("map-h5", "a.h5", _h5, _use),
    Reader("map-png", "a.png", _deep, _use),
    Reader("map-jpg", "a.jpg", _picture, _use),
    Reader("map-tif", "a.tif", lambda path: cv2.imwrite(str(path), _map()), _use),
    Reader("map-bmp", "a.bmp", _picture, _use),
)

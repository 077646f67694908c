"""The maps of programs that could be installed instead of samjax."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from samjax.errors import UserError
from samjax.prediction.photo_search import find_photos


def hotgaze() -> Callable[[Path], np.ndarray]:
    """Return hotgaze with its fast backend, as its own command runs it."""
    try:
        from hotgaze import engine
    except ImportError as error:
        raise UserError("the package hotgaze is missing; pip install hotgaze") from error
    return lambda path: engine.run_engine(str(path)).heatmap


def opencv(name: str) -> Callable[[Path], np.ndarray]:
    """Return a method of the module `saliency` of OpenCV's contributed modules.

    Args:
        name: Of the class, without `StaticSaliency` and `_create`.
    """
    if not hasattr(cv2, "saliency"):
        raise UserError(
            "this OpenCV has no contributed modules; pip install opencv-contrib-python-headless"
        )
    method = getattr(cv2.saliency, f"StaticSaliency{name}_create")()

    def predict(path: Path) -> np.ndarray:
        worked, saliency = method.computeSaliency(cv2.imread(str(path)))
        if not worked:
            raise UserError(f"{path}: OpenCV computes no saliency for it")
        return saliency

    return predict


METHODS: dict[str, Callable[[], Callable[[Path], np.ndarray]]] = {
    "hotgaze": hotgaze,
    "spectral_residual": lambda: opencv("SpectralResidual"),
    "fine_grained": lambda: opencv("FineGrained"),
}
"""Name: returns a function from the path of a photograph to its map."""


def write_maps(method: str, images: Path, output: Path) -> int:
    """Write the map of each photograph of a folder as STEM.npy, and return how many there are.

    Raises:
        UserError: There is no such method, or its package is not installed.
    """
    if method not in METHODS:
        raise UserError(f"--method={method}: choose one of {', '.join(METHODS)}")
    predict = METHODS[method]()
    output.mkdir(parents=True, exist_ok=True)
    photos = find_photos([images], output).photos
    for photo in photos:
        np.save(output / f"{photo.path.stem}.npy", np.asarray(predict(photo.path), np.float32))
    return len(photos)

"""Files of raw datasets with made-up contents, written in one line each."""

from pathlib import Path

import cv2
import numpy as np
from scipy.io import savemat


def jpeg(height: int, width: int, seed: int = 0) -> bytes:
    """Return a JPEG file of coloured blotches."""
    small = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    image = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.imencode(".jpg", image)[1].tobytes()


def png(height: int, width: int) -> bytes:
    """Return a PNG file that is dark grey all over."""
    return cv2.imencode(".png", np.full((height, width), 7, np.uint8))[1].tobytes()


def put(path: Path, content: bytes) -> None:
    """Write a file, and make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def mat(path: Path, **variables: object) -> None:
    """Write a MATLAB file up to v7, and make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, variables)


def cell(values: list) -> np.ndarray:
    """Return a MATLAB cell array, N x 1."""
    array = np.empty((len(values), 1), object)
    for i, value in enumerate(values):
        array[i, 0] = value
    return array


def corners(height: int, width: int) -> np.ndarray:
    """Return three fixations [3, 2] (x, y) from 0 on an image of this size, see `raw_trees`."""
    return np.array([[0, 0], [width - 1, height - 1], [height + 20, 5]], np.float64)

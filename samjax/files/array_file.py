"""NumPy files, written whole or not at all."""

import io
from pathlib import Path

import numpy as np

from samjax.files.atomic import write_atomic


def write_array(path: str | Path, array: np.ndarray) -> Path:
    """Write an array as .npy; make its folder; return the path."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return write_atomic(path, buffer.getvalue())

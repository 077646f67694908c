"""Pictures as files, each of which appears at once or not at all."""

from pathlib import Path

import cv2
import numpy as np

from samjax.errors import UserError
from samjax.files.atomic import write_atomic


def write_picture(path: str | Path, pixels: np.ndarray) -> Path:
    """Write RGB pixels, uint8 [H, W, 3], in the format of the path's ending; return the path.

    Raises:
        UserError: The format is unknown.
    """
    try:
        is_done, data = cv2.imencode(Path(path).suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    except cv2.error as error:
        raise UserError(f"{path}: no picture can be written with this ending") from error
    if not is_done:
        raise UserError(f"{path}: a picture of {pixels.shape} cannot be written so")
    return write_atomic(path, data.tobytes())

"""Pictures as files, each of which appears at once or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Let OpenCV use no threads of its own while a block works on many pictures at once.

    Its threads wait for each other several times per strip, which doubles the CPU time.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def smooth_png(levels: np.ndarray) -> bytes:
    """Return a smooth map, uint8 [H, W], as a PNG of grey levels.

    Less the row above (the filter Up), a smooth map is zeros for the most part, for which runs are
    the best that can be looked for.
    """
    options = [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
    options += [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    options += [cv2.IMWRITE_PNG_COMPRESSION, 1]
    return cv2.imencode(".png", levels, options)[1].tobytes()

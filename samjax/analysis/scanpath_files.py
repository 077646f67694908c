"""A likely gaze order as files: numbered circles on the image, and a table of the places."""

import cv2
import numpy as np

from samjax.analysis.scanpath import check_numbers, scanpaths
from samjax.pictures.gaze import draw_gaze
from samjax.prediction.outputs import Encoder

PICTURE, TABLE = "_scanpath.jpg", "_scanpath.csv"
"""Behind the name of an image."""


def scanpath_encoders(fixations: int, seed: int) -> dict[str, Encoder]:
    """Return {ending: what makes the file of a map}, see `predict_paths`.

    Both files of a map show the same sequence, whatever else is predicted with it.

    Args:
        fixations: In the sequence.
        seed: See `scanpaths`.

    Raises:
        UserError: A number is not possible.
    """
    check_numbers(fixations, 1, seed)

    def picture(saliency: np.ndarray, image: np.ndarray | None) -> bytes:
        assert image is not None, "the circles are drawn on the image"
        points = scanpaths(saliency, fixations, seed=seed)[0]
        drawn = cv2.cvtColor(draw_gaze(image, points), cv2.COLOR_RGB2BGR)
        return cv2.imencode(".jpg", drawn)[1].tobytes()

    def table(saliency: np.ndarray, image: np.ndarray | None) -> bytes:
        points = scanpaths(saliency, fixations, seed=seed)[0]
        rows = [f"{number},{x:.1f},{y:.1f}" for number, (x, y) in enumerate(points, 1)]
        return ("\n".join(["fixation,x,y", *rows]) + "\n").encode()

    return {PICTURE: picture, TABLE: table}

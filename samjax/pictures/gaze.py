"""A sequence of fixations as numbered circles on the image."""

from itertools import pairwise

import cv2
import numpy as np

RADIUS = 0.022
"""Of a circle, as a fraction of the image's longer side."""
FILL, INK, LINE = (255, 214, 10), (0, 0, 0), (255, 255, 255)
"""Yellow with black figures, joined by white lines: readable on any photograph, and without telling
red from green."""


def draw_gaze(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Draw fixations and their order.

    Args:
        image: uint8 [H, W, 3] RGB.
        points: [N, 2], (x, y) in pixels; a whole number is a pixel's centre.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    drawn = image.copy()
    radius = max(2, round(RADIUS * max(image.shape[:2])))
    stroke = max(1, radius // 6)
    places = [(round(float(x)), round(float(y))) for x, y in points]
    for start, end in pairwise(places):
        cv2.line(drawn, start, end, INK, 2 * stroke + 1, cv2.LINE_AA)
        cv2.line(drawn, start, end, LINE, stroke, cv2.LINE_AA)
    # The first ones on top: where circles cover each other, the order is read from its beginning.
    for number, place in reversed(list(enumerate(places, 1))):
        cv2.circle(drawn, place, radius, FILL, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(drawn, place, radius, INK, stroke, cv2.LINE_AA)
        _write(drawn, str(number), place, radius, stroke)
    return drawn


def _write(drawn: np.ndarray, text: str, place: tuple[int, int], radius: int, stroke: int) -> None:
    """Write a text into a circle."""
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, height), _ = cv2.getTextSize(text, font, 1.0, 1)
    scale = 1.25 * radius / max(width, 1.3 * height)
    (width, height), _ = cv2.getTextSize(text, font, scale, stroke)
    corner = place[0] - width // 2, place[1] + height // 2
    cv2.putText(drawn, text, corner, font, scale, INK, stroke, cv2.LINE_AA)

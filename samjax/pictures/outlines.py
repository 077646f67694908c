"""Areas drawn on a picture: outlines and labels that need no colour to be told apart."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

SHIFT = 4  # OpenCV takes coordinates as whole numbers of 1 / 2^4 pixels
FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_HEIGHT = 22
"""Pixels of a capital of the font at scale 1."""


class Outline(NamedTuple):
    """What is drawn of one area.

    Attributes:
        rings: Each [N, 2], corners (x, y) in pixels, where 0 is the picture's edge.
        label: ASCII text at its upper left corner.
    """

    rings: Sequence[np.ndarray]
    label: str


class _Box(NamedTuple):
    """A rectangle of pixels."""

    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: "_Box") -> bool:
        """Return whether two rectangles have a pixel in common."""
        apart = self.right < other.left or other.right < self.left
        return not (apart or self.bottom < other.top or other.bottom < self.top)


def draw_outlines(image: np.ndarray, outlines: Sequence[Outline]) -> np.ndarray:
    """Draw outlines with labels on a picture.

    A line is white within black, and a label white on black, so that both show on every ground and
    to people who see no colours.

    Args:
        image: uint8 [H, W, 3] RGB.
        outlines: The areas.

    Returns:
        uint8 [H, W, 3] RGB, a new array.
    """
    drawn = np.ascontiguousarray(image).copy()
    thin = max(1, round(max(image.shape[:2]) / 500))
    for thickness, colour in ((3 * thin, (0, 0, 0)), (thin, (255, 255, 255))):
        for outline in outlines:
            # OpenCV's whole numbers are the centres of pixels.
            corners = [np.rint((ring - 0.5) * 2**SHIFT).astype(np.int32) for ring in outline.rings]
            cv2.polylines(drawn, corners, True, colour, thickness, cv2.LINE_AA, SHIFT)
    boxes: list[_Box] = []
    for outline in outlines:
        if outline.rings:
            corner = np.concatenate(list(outline.rings)).min(axis=0)
            boxes.append(_label(drawn, outline.label, corner, thin, boxes))
    return drawn


def rings_of_mask(mask: np.ndarray) -> list[np.ndarray]:
    """Return the outlines [N, 2] of a mask [H, W], in pixels, where 0 is the picture's edge."""
    inside = (mask >= 0.5).astype(np.uint8)
    contours, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return [contour.reshape(-1, 2).astype(np.float64) + 0.5 for contour in contours]


def _label(
    image: np.ndarray, text: str, corner: np.ndarray, thin: int, taken: Sequence[_Box]
) -> _Box:
    """Write white text on black, with its upper left corner at (x, y) or where there is room.

    Args:
        image: Is drawn on.
        text: What to write.
        corner: (x, y); the label is moved into the picture, and down from labels that are there.
        thin: The width of a line.
        taken: Where labels are already.

    Returns:
        Where the label is.
    """
    height, width = image.shape[:2]
    scale = max(0.35, min(height, width) / 25 / FONT_HEIGHT)
    (text_width, text_height), below = cv2.getTextSize(text, FONT, scale, thin)
    pad = 2 * thin
    box_width, box_height = text_width + 2 * pad, text_height + below + 2 * pad
    lowest = max(height - box_height, 0)
    x = int(np.clip(corner[0], 0, max(width - box_width, 0)))
    first = int(np.clip(corner[1], 0, lowest))
    places = [*range(first, lowest + 1, box_height + 1), *range(first, -1, -box_height - 1)]
    boxes = [_Box(x, y, x + box_width, y + box_height) for y in places]
    # A crowded picture has no room left: then labels lie over each other.
    box = next((b for b in boxes if not any(b.meets(other) for other in taken)), boxes[0])
    cv2.rectangle(image, (box.left, box.top), (box.right, box.bottom), (0, 0, 0), cv2.FILLED)
    at = (box.left + pad, box.top + pad + text_height)
    cv2.putText(image, text, at, FONT, scale, (255, 255, 255), thin, cv2.LINE_AA)
    return box

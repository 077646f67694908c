"""Signed maps as pictures: blue where there is less, orange where there is more.

Blue and orange are told apart by all but those few people who see no colours at all; for them, and
on paper, the legend's signs and the file of the map say it.
"""

import cv2
import numpy as np

LESS, MORE = np.array([33.0, 102.0, 172.0]), np.array([230.0, 97.0, 1.0])
WHITE = np.array([255.0, 255.0, 255.0])
OPACITY = 0.85
"""Of the colour where the difference is greatest."""


def diverging(values: np.ndarray, limit: float) -> np.ndarray:
    """Colour a signed map: LESS at -limit, white at 0, MORE at limit.

    Args:
        values: [...], of any shape.
        limit: Where a colour is full; what is beyond has that colour.

    Returns:
        float64 [..., 3] RGB, 0 to 255.
    """
    part = np.clip(values / limit if limit > 0 else np.zeros_like(values), -1, 1)[..., None]
    return WHITE + np.maximum(part, 0) * (MORE - WHITE) + np.maximum(-part, 0) * (LESS - WHITE)


def difference_picture(image: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Lay a signed map over a faint grey picture, with a legend below.

    Args:
        image: uint8 [H, W, 3] RGB.
        difference: [H, W].

    Returns:
        uint8 [H + legend, W, 3] RGB.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None]
    faint = 110 + grey.astype(np.float64) * (145 / 255)
    limit = float(np.abs(difference).max())
    strength = np.abs(difference)[..., None] / limit if limit > 0 else np.zeros_like(faint)
    # The root shows where little moved, too.
    alpha = OPACITY * np.sqrt(strength)
    colours = np.where(difference[..., None] < 0, LESS, MORE)
    drawn = np.rint(faint * (1 - alpha) + colours * alpha).astype(np.uint8)
    return np.concatenate([drawn, _legend(image.shape[1])])


def _legend(width: int) -> np.ndarray:
    """Return a strip from LESS to MORE with words on it, uint8 [h, width, 3]."""
    height = max(12, width // 24)
    ramp = np.broadcast_to(np.linspace(-1, 1, width), (height, width))
    strip = np.rint(diverging(ramp, 1.0)).astype(np.uint8)
    scale, thickness = height / 40, max(1, height // 20)
    for text, is_right in (("- less attention", False), ("more attention +", True)):
        (wide, high), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
        x = width - wide - height // 4 if is_right else height // 4
        at, colour = (x, (height + high) // 2), (255, 255, 255) if not is_right else (0, 0, 0)
        cv2.putText(
            strip, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness, cv2.LINE_AA
        )
    return strip

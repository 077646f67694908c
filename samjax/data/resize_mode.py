"""How a photograph is put into a network's input size. Which way belongs to the weights.

"letterbox": keeps the aspect, centred, antialiased; what samjax trains with.
"paper": what the release does before its network.
"""

import cv2
import numpy as np

from samjax.data.geometry import letterbox

RESIZE_MODES = ("letterbox", "paper")


def to_canvas(image: np.ndarray, height: int, width: int, resize_mode: str) -> np.ndarray:
    """RGB uint8 [H, W, 3] -> [height, width, 3], black where there is no image."""
    if resize_mode == "paper":
        return paper_resize(image, height, width)
    return letterbox(*image.shape[:2], height, width).render(image, height, width)


def paper_resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """The release's: bilinear without antialiasing, sizes rounded down, centred, padded with 0."""
    rows, columns = image.shape[:2]
    if rows / height > columns / width:
        new_rows, new_columns = height, max(1, columns * height // rows)
    else:
        new_rows, new_columns = max(1, rows * width // columns), width
    resized = cv2.resize(image, (new_columns, new_rows), interpolation=cv2.INTER_LINEAR)
    on_canvas = np.zeros((height, width, 3), np.uint8)
    top, left = (height - new_rows) // 2, (width - new_columns) // 2
    on_canvas[top : top + new_rows, left : left + new_columns] = resized
    return on_canvas

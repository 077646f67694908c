"""How a photograph is put into a network's input size. Which way belongs to the weights.

"letterbox": keeps the aspect, centred, antialiased; what samjax trains with.
"paper": what the release does before its network.
"""

import cv2
import numpy as np

from samjax.data.geometry import letterbox

FRAMINGS = ("letterbox", "paper")


def frame(image: np.ndarray, height: int, width: int, framing: str) -> np.ndarray:
    """RGB uint8 [H, W, 3] -> [height, width, 3], black where there is no image."""
    if framing == "paper":
        return paper_frame(image, height, width)
    return letterbox(*image.shape[:2], height, width).render(image, height, width)


def paper_frame(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """The release's: bilinear without antialiasing, sizes rounded down, centred, padded with 0."""
    rows, columns = image.shape[:2]
    if rows / height > columns / width:
        new_rows, new_columns = height, max(1, columns * height // rows)
    else:
        new_rows, new_columns = max(1, rows * width // columns), width
    resized = cv2.resize(image, (new_columns, new_rows), interpolation=cv2.INTER_LINEAR)
    framed = np.zeros((height, width, 3), np.uint8)
    top, left = (height - new_rows) // 2, (width - new_columns) // 2
    framed[top : top + new_rows, left : left + new_columns] = resized
    return framed

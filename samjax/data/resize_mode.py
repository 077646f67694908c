"""How a photograph is put on a network's canvas. Which way belongs to the weights.

"letterbox" keeps the aspect, centred and antialiased; samjax trains with it. "paper" is what the
released code of SAM does before its network (Cornia et al., 2018).
"""

import cv2
import numpy as np

from samjax.data.geometry import letterbox

RESIZE_MODES = ("letterbox", "paper")


def to_canvas(image: np.ndarray, height: int, width: int, resize_mode: str) -> np.ndarray:
    """Return a photograph on a canvas, black where there is no image.

    Args:
        image: uint8 [H, W, 3] RGB.
        height: The canvas's height.
        width: Its width.
        resize_mode: One of RESIZE_MODES.

    Returns:
        uint8 [height, width, 3] RGB.
    """
    if resize_mode == "paper":
        return paper_resize(image, height, width)
    rows, columns = image.shape[:2]
    window = letterbox(rows, columns, height, width)
    return window.render(image, height, width)


def paper_resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a photograph on a canvas as the released code of SAM makes it.

    It interpolates bilinearly without antialiasing, rounds sizes down, centres the image and pads
    with 0.

    Args:
        image: uint8 [H, W, 3] RGB.
        height: The canvas's height.
        width: Its width.

    Returns:
        uint8 [height, width, 3] RGB.
    """
    rows, columns = image.shape[:2]
    # Integer divisions, as in the release: rounding otherwise moves the image by a pixel.
    if rows / height > columns / width:
        new_rows, new_columns = height, max(1, columns * height // rows)
    else:
        new_rows, new_columns = max(1, rows * width // columns), width
    resized = cv2.resize(image, (new_columns, new_rows), interpolation=cv2.INTER_LINEAR)
    canvas = np.zeros((height, width, 3), np.uint8)
    top, left = (height - new_rows) // 2, (width - new_columns) // 2
    canvas[top : top + new_rows, left : left + new_columns] = resized
    return canvas

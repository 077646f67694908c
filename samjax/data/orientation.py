"""How a picture is turned: the orientation in its EXIF data, and arrays turned by it and back.

A camera stores what its sensor saw, and says in the file how to turn that for a person. The numbers
are those of the EXIF standard: 1 is upright, 2 to 4 keep the sides, 5 to 8 exchange them.
"""

import numpy as np
from PIL import Image

TAG = 0x0112
UPRIGHT = 1


def orientation_of(image: Image.Image) -> int:
    """Return the orientation of a picture, 1 to 8; 1 where it has none that can be read."""
    try:
        value = image.getexif().get(TAG, UPRIGHT)
    except Exception:  # damaged EXIF data make Pillow raise exceptions of many kinds
        return UPRIGHT
    return value if value in range(1, 9) else UPRIGHT


def exchanges_sides(orientation: int) -> bool:
    """Return whether the height of what is stored is the width of what a person sees."""
    return orientation >= 5


def turned(stored: np.ndarray, orientation: int) -> np.ndarray:
    """Return stored pixels [H, W, ...] as a person sees them, contiguous."""
    array = stored.swapaxes(0, 1) if exchanges_sides(orientation) else stored
    # Rows and columns below are those of the array after the exchange.
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)


def turned_back(seen: np.ndarray, orientation: int) -> np.ndarray:
    """Return what a person sees [H, W, ...] as it is stored; the inverse of `turned`."""
    array = seen
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array.swapaxes(0, 1) if exchanges_sides(orientation) else array)

"""How a video says that its frames are to be shown: turned, mirrored, or with oblong pixels."""

import struct
from typing import Any

UPRIGHT = 1
ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""{(a, b, c, d) of a display matrix: the orientation of `samjax.data.orientation`}. A stored pixel
(x, y) is shown at (a x + c y, b x + d y), up to a shift, where y points down."""


def orientation_of_frame(frame: Any) -> int:
    """Return the orientation of a frame of PyAV, 1 to 8, by its display matrix; 1 without one."""
    try:
        data = frame.side_data.get("DISPLAYMATRIX")
    except (KeyError, ValueError, AttributeError):
        data = None
    if data is None:
        return UPRIGHT
    matrix = struct.unpack("=9i", bytes(data)[:36])
    # FFmpeg's order is a b u c d v x y w, of fixed-point numbers with 16 bits behind the point.
    parts = tuple(round(matrix[k] / 65536) for k in (0, 1, 3, 4))
    return ORIENTATIONS.get(parts, UPRIGHT)  # type: ignore[call-overload]


def shown_width(width: int, aspect: Any) -> int:
    """Return the width of a frame whose pixels have this aspect (width / height), if any."""
    if not aspect or aspect <= 0 or aspect == 1:
        return width
    return max(1, round(width * float(aspect)))

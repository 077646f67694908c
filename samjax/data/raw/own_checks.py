"""What is checked of people's own images and maps, beyond that they can be decoded."""

import numpy as np

from samjax.data.grey import is_coloured
from samjax.data.image_headers import image_header
from samjax.data.images import decode_density, decode_levels
from samjax.data.orientation import UPRIGHT
from samjax.data.raw.fixation_maps import MAX_INTERIOR, fits, interior
from samjax.data.raw.problems import Problem
from samjax.errors import UserError

MIN_SIDE = 16  # of a map in which points can be told from a density
BRIGHT = 1 / 8  # of the range of a map; above are points, and all but the tails of a density


def check_density(content: bytes, name: str, height: int, width: int) -> None:
    """Check a published map.

    Args:
        content: The file.
        name: What it is called in messages.
        height: Of the image that it belongs to.
        width: Of that image.

    Raises:
        UserError: It cannot be decoded, is coloured or blank, shows points in place of a density,
            or has another aspect than the image.
    """
    levels, density = decode_levels(content), decode_density(content)
    if levels.ndim == 3 and levels.shape[-1] > 2 and is_coloured(levels):
        raise UserError(
            f"{name} is coloured, and which colour means how much is not known; give the map in "
            "grey levels"
        )
    check_aspect(name, density.shape, (height, width))
    if density.max() == density.min():
        raise UserError(f"{name} is blank: it has the same value everywhere")
    if min(density.shape) >= MIN_SIDE and _has_points_only(density):
        raise UserError(
            f"{name} is black but for single points: if these are fixations, put it into fixations/"
        )


def _has_points_only(density: np.ndarray) -> bool:
    """Return whether hardly a bright pixel is surrounded by bright ones, as in no blurred map."""
    bright = density > density.min() + BRIGHT * (density.max() - density.min())
    return bool(interior(bright) <= MAX_INTERIOR * np.count_nonzero(bright))


def check_aspect(name: str, size: tuple[int, ...], image_size: tuple[int, int]) -> None:
    """Raise UserError if a size (height, width) has another aspect than an image."""
    (rows, columns), (height, width) = size[:2], image_size
    if fits((rows, columns), image_size):
        return
    what = f"{name} has {columns} x {rows} pixels, and its image {width} x {height}"
    if is_turned((rows, columns), image_size):
        raise UserError(f"{what}: width and height are exchanged; mend one of them")
    raise UserError(f"{what}, of another aspect; resize it to the image's")


def is_turned(size: tuple[int, int], image_size: tuple[int, int]) -> bool:
    """Return whether a size (height, width) is an image's with the two exchanged, at any scale."""
    return not fits(size, image_size) and fits(size[::-1], image_size)


def check_orientation(content: bytes, name: str) -> tuple[Problem, ...]:
    """Return a warning for an image that its EXIF data turn or mirror when it is shown."""
    if image_header(content)[1] == UPRIGHT:
        return ()
    what = "is shown turned or mirrored; fixations are taken as positions among its stored pixels"
    return (Problem("image turned by EXIF", name, what),)

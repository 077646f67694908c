"""What is checked of people's own images and maps, beyond that they can be decoded."""

import io

import numpy as np
from PIL import Image

from samjax.data.images import decode_density
from samjax.data.raw.fixation_maps import MAX_INTERIOR, interior
from samjax.data.raw.problems import Problem
from samjax.errors import UserError

EXIF_ORIENTATION = 0x0112
MIN_SIDE = 16  # of a map in which points can be told from a density
MAX_ASPECT_RATIO = 1.05
"""By how much the aspects of an image and its map, or its stated size, may differ."""
COLOURED_ABOVE = 40  # grey levels between the channels; JPEG's noise is below
COLOURED_FRACTION = 0.01  # of the pixels
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
    density = decode_density(content)
    if is_coloured(content):
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
    return interior(bright) <= MAX_INTERIOR * np.count_nonzero(bright)


def check_aspect(name: str, size: tuple[int, ...], image_size: tuple[int, int]) -> None:
    """Raise UserError if a size (height, width) has another aspect than an image."""
    (rows, columns), (height, width) = size[:2], image_size
    if _same_aspect(rows / columns, height / width):
        return
    what = f"{name} has {columns} x {rows} pixels, and its image {width} x {height}"
    if is_turned((rows, columns), image_size):
        raise UserError(f"{what}: width and height are exchanged; mend one of them")
    raise UserError(f"{what}: their aspects differ by more than {MAX_ASPECT_RATIO - 1:.0%}")


def is_turned(size: tuple[int, int], image_size: tuple[int, int]) -> bool:
    """Return whether a size (height, width) is an image's with the two exchanged, at any scale."""
    aspect, image_aspect = size[0] / size[1], image_size[0] / image_size[1]
    return not _same_aspect(aspect, image_aspect) and _same_aspect(1 / aspect, image_aspect)


def _same_aspect(one: float, other: float) -> bool:
    return 1 / MAX_ASPECT_RATIO <= one / other <= MAX_ASPECT_RATIO


def is_coloured(content: bytes) -> bool:
    """Return whether a picture has colours, so that its brightness says nothing."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.mode in ("L", "1", "LA", "F") or image.mode.startswith("I"):
                return False
            small = np.asarray(image.convert("RGB").resize((128, 128), Image.Resampling.NEAREST))
    except Exception:  # another reader had no trouble with it, so this says nothing
        return False
    spread = small.max(axis=-1).astype(int) - small.min(axis=-1)
    return bool((spread > COLOURED_ABOVE).mean() > COLOURED_FRACTION)


def check_orientation(content: bytes, name: str) -> tuple[Problem, ...]:
    """Return a warning for an image that its EXIF data turn or mirror when it is shown."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            orientation = image.getexif().get(EXIF_ORIENTATION, 1)
    except Exception:  # damaged data turn nothing
        return ()
    if orientation not in range(2, 9):
        return ()
    what = "is shown turned or mirrored; fixations are taken as positions among its stored pixels"
    return (Problem("image turned by EXIF", name, what),)

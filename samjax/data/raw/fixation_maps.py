"""Maps of fixations, binary or of counts, as positions; what is no such map is refused."""

import numpy as np

from samjax.data.coordinates import from_fractions, to_fractions

MIN_SIDE = 8
"""Smaller arrays are no maps; a list of fixations may have that many columns."""
FEW_LINES = 2
"""By so many rows or columns no map is resized; some are there by mistake."""
MAX_COUNT = 60
"""More fixations on one pixel are no counts, but grey levels."""
FIXATED_ABOVE = 0.5
"""Pixels of a map of grey levels are fixated above this fraction of its maximum."""
MAX_INTERIOR = 0.05
"""Of the fixated pixels so many at most are surrounded by others; in areas nearly all are."""
MIN_PIXELS = 10  # fixated, below which areas and points cannot be told apart


def fits(array_size: tuple[int, int], image_size: tuple[int, int]) -> bool:
    """Return whether an array (height, width) is a picture of that size, enlarged or reduced."""
    (rows, columns), (height, width) = array_size, image_size
    # Each side may have been rounded to a whole number of pixels.
    return abs(rows / height - columns / width) <= 1 / height + 1 / width


def map_points(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the positions of a map's fixations, float64 [N, 2] as (x, y), in pixels of the image.

    Args:
        values: [H, W]: not 0 where fixated, or the number of fixations, or grey levels with noise.
            The map may have another size than the image, of the same aspect; positions are then
            the centres of its pixels.
        height: Of the image.
        width: Of the image.

    Raises:
        ValueError: It is no map of fixations, or not one of this image.
    """
    shape = values.shape
    _check_shape(shape, (height, width))
    if not np.isfinite(values).all() or values.min() < 0:
        raise ValueError("a map of fixations has no negative values, and no nan or infinity")
    counts = _counts(np.asarray(values, np.float64))
    rows, columns = counts.nonzero()
    if len(rows) >= MIN_PIXELS and interior(counts) > MAX_INTERIOR * len(rows):
        raise ValueError(
            f"its {len(rows):,} bright pixels are areas, not points: if it is a density, put it "
            "into maps/"
        )
    points = np.stack([columns, rows], axis=-1).astype(np.float64)
    points = np.repeat(points, counts[rows, columns], axis=0)
    if shape == (height, width):
        return points
    return from_fractions(to_fractions(points, shape[::-1]), (width, height))


def _check_shape(shape: tuple[int, ...], size: tuple[int, int]) -> None:
    """Raise ValueError unless a map of this shape shows an image of this (height, width)."""
    if shape == size:
        return
    what = f"{shape[1]} x {shape[0]} pixels, and the image {size[1]} x {size[0]}"
    if min(shape) < MIN_SIDE:
        raise ValueError(f"it has {what}")
    if max(abs(shape[0] - size[0]), abs(shape[1] - size[1])) <= FEW_LINES:
        raise ValueError(f"it has {what}: rows or columns too many or too few; give it at its size")
    if fits((shape[0], shape[1]), size):
        return
    if fits((shape[1], shape[0]), size):
        raise ValueError(f"it has {what}: its axes are exchanged; transpose it")
    raise ValueError(f"it has {what}: their aspects differ")


def _counts(values: np.ndarray) -> np.ndarray:
    """Return the number of fixations of each pixel, int64."""
    levels = np.unique(values[values > 0])
    if len(levels) <= 1:
        return (values > 0).astype(np.int64)
    if levels[-1] <= MAX_COUNT and (levels == np.rint(levels)).all():
        return values.astype(np.int64)
    # Points that were saved as JPEG, or drawn with soft edges.
    return (values > FIXATED_ABOVE * levels[-1]).astype(np.int64)


def interior(counts: np.ndarray) -> int:
    """Return how many pixels that are not 0 have four neighbours that are not, of [H, W]."""
    fixated = np.pad(counts > 0, 1)
    inner = fixated[1:-1, 1:-1]
    for rows, columns in ((slice(2, None), slice(1, -1)), (slice(-2), slice(1, -1))):
        inner = inner & fixated[rows, columns] & fixated[columns, rows]
    return int(inner.sum())

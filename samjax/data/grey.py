"""One grey level per pixel of an array that may have colours: a map is not a picture of a map."""

import numpy as np

from samjax.errors import UserError

MAX_TINT = 0.08
"""How far colours may be from grey, as a fraction of the range of values; JPEG tints grey a bit."""


def to_grey(array: np.ndarray) -> np.ndarray:
    """Return an array of grey levels [H, W], float32.

    Channels come last, or first. Equal channels are one grey; an alpha channel beside them is not
    looked at.

    Args:
        array: [H, W], [H, W, C] or [C, H, W] of 1 to 4 channels, of any type of number.

    Raises:
        UserError: It has another shape, or its colours are not grey.
    """
    values = array
    if values.ndim > 2:
        values = values.reshape([side for side in values.shape if side != 1] or [1])
    if values.ndim == 1 and array.ndim >= 2 and array.size:  # one row or one column of pixels
        values = array.reshape(array.shape[:2])
    if values.ndim == 3 and values.shape[0] in (2, 3, 4) and values.shape[-1] not in (2, 3, 4):
        values = np.moveaxis(values, 0, -1)
    if values.ndim == 3 and values.shape[-1] in (2, 3, 4):
        values = _without_colours(values)
    if values.ndim != 2 or not values.size:
        raise UserError(f"has the shape {array.shape}; a map has [height, width]")
    with np.errstate(over="ignore"):  # what is beyond float32 becomes infinite, and is told later
        return np.ascontiguousarray(values, np.float32)


def is_coloured(array: np.ndarray) -> bool:
    """Return whether channels [H, W, 3] differ by more than a grey picture's do."""
    values = array[..., :3].astype(np.float32)
    spread = np.nanmax(values.max(axis=-1) - values.min(axis=-1), initial=0)
    width = np.nanmax(values, initial=-np.inf) - np.nanmin(values, initial=np.inf)
    # Of 8 or 16 bit the whole range counts: a nearly black JPEG is tinted as much as any other.
    whole = np.iinfo(array.dtype).max if array.dtype.kind == "u" else width
    return bool(spread > MAX_TINT * whole)


def _without_colours(array: np.ndarray) -> np.ndarray:
    """Return one channel [H, W] of equal ones [H, W, C]."""
    if array.shape[-1] == 2:  # grey with alpha
        return array[..., 0]
    if is_coloured(array):
        raise UserError(
            "is in colours: a picture of a map, or a photograph, whose grey levels say nothing; "
            "give the map itself, as numbers or in grey"
        )
    # Rounding differs between channels of a JPEG; the mean of equal ones is exactly that value.
    return array[..., :3].mean(axis=-1)

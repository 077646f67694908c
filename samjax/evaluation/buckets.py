"""Images of all sizes in batches of a few shapes, so that a few compiled programs score them all.

No metric that is computed in batches asks where a pixel lies. So an image's pixels are laid out in
rows of one width, padded and masked, and images of about equal area share a bucket, whatever their
shape. (EMD does ask; it is computed per image, on the host.)
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

BATCH_PIXELS = 2**21
MAX_BATCH = 16
MIN_BUCKET = 2**12
ROW = 256


def bucket_size(pixels: int) -> int:
    """Return the padded number of pixels of an image: 2^k or 1.5 * 2^k, where k >= 12."""
    power = max(1 << (pixels - 1).bit_length(), MIN_BUCKET)
    three_quarters = power * 3 // 4
    return three_quarters if pixels <= three_quarters and power > MIN_BUCKET else power


def batch_size(size: int) -> int:
    """Return how many images a full batch of a bucket of this size has."""
    return int(np.clip(BATCH_PIXELS // size, 1, MAX_BATCH))


def stack(maps: Sequence[np.ndarray], size: int, dtype: DTypeLike = np.float32) -> np.ndarray:
    """Return maps of several sizes as one batch of their bucket.

    Args:
        maps: Maps [H, W] of at most `size` pixels.
        size: The size of the bucket, which is a multiple of ROW.
        dtype: The type of the batch.

    Returns:
        [B, size / ROW, ROW] for a full batch of B images. The pixels of each map stand at the start
        of its rows; the rest, and the images that are missing, are zero.
    """
    batch = np.zeros((batch_size(size), size), dtype)
    for row, image in zip(batch, maps, strict=False):
        row[: image.size] = image.ravel()
    return batch.reshape(len(batch), size // ROW, ROW)

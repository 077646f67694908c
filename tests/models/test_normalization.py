"""Images are normalised as Caffe's and torchvision's networks expect them."""

import numpy as np
import pytest
import reference
from tolerance import assert_close, rounding

from samjax.models.normalization import normalize


@pytest.mark.parametrize("kind", ["caffe", "torchvision"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_normalized_images_are_the_references(rng, kind, dtype):
    image = rng.integers(0, 256, (4, 5, 3))
    expected = getattr(reference, kind)(image.astype(np.uint8)).transpose(1, 2, 0)
    got = normalize(image.astype(dtype)[None], kind)[0]
    assert got.dtype == np.float32
    assert_close(got, expected, rounding(2))

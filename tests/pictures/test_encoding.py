"""Pictures as files."""

import cv2
import numpy as np
import pytest

from samjax.pictures.encoding import one_opencv_thread, smooth_png


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (300, 500)])
def test_a_smooth_png_holds_the_levels_as_they_are(rng, size):
    smooth = np.add.outer(np.arange(size[0]), np.arange(size[1])).astype(np.uint8)
    for levels in (smooth, rng.integers(0, 256, size, np.uint8)):
        read = cv2.imdecode(np.frombuffer(smooth_png(levels), np.uint8), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(read, levels)


def test_opencv_has_its_threads_again():
    before = cv2.getNumThreads()
    with pytest.raises(ValueError, match="inside"), one_opencv_thread():
        raise ValueError("inside")
    assert cv2.getNumThreads() == before

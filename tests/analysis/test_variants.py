"""A variant shows the whole picture, and brings its density back to where it belongs."""

import numpy as np
import pytest
from markers import blob, centroid

from samjax.analysis.variants import PLAIN, SMALLEST_ZOOM, Variant, draw_variants

SIZE = (60, 90)
VARIANTS = draw_variants(8, seed=3)


def picture(density):
    return np.repeat(np.rint(density / density.max() * 200).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_mark_comes_back_to_its_place(variant):
    density = blob(*SIZE, 20, 40, 4)
    shown = variant.show(picture(density))
    assert shown.shape == (*SIZE, 3)
    back = variant.take_back(shown[..., 0].astype(np.float32))
    np.testing.assert_allclose(centroid(back), [20, 40], atol=0.2)
    if variant != PLAIN:
        assert back.sum(dtype=np.float64) == pytest.approx(1, abs=1e-5)
        assert np.abs(centroid(shown[..., 0].astype(float)) - [20, 40]).max() > 0.5


def test_the_whole_picture_is_shown():
    """Marks in the corners stay in the picture, wherever it is put."""
    corners = sum(blob(*SIZE, x, y, 1) for x in (3, 86) for y in (3, 56))
    for right, down in ((0, 0), (1, 1), (0, 1)):
        variant = Variant(False, SMALLEST_ZOOM, right, down, 1.0)
        shown = variant.show(picture(corners))[..., 0].astype(float)
        assert shown.sum() == pytest.approx(200 * corners.sum() * SMALLEST_ZOOM**2, rel=0.05)


def test_mirrored_and_brighter():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    mirrored = Variant(True, 1.0, 0, 0, 1.0)
    np.testing.assert_array_equal(mirrored.show(image), image[:, ::-1])
    brighter = Variant(False, 1.0, 0, 0, 1.1).show(image)
    np.testing.assert_array_equal(brighter, np.minimum(np.rint(image * 1.1), 255))


def test_the_seed_says_which():
    assert draw_variants(5, 1) == draw_variants(5, 1)
    assert draw_variants(5, 1) != draw_variants(5, 2)
    assert draw_variants(0) == [PLAIN]
    assert len(draw_variants(5)) == 6


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2)])
def test_tiny_pictures(size):
    image = np.full((*size, 3), 9, np.uint8)
    for variant in VARIANTS:
        assert variant.show(image).shape == image.shape
        back = variant.take_back(np.ones(size, np.float32))
        assert back.shape == size
        assert np.isfinite(back).all()

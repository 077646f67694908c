"""What a map of another size than its image may be."""

import numpy as np
import pytest

from samjax.data.orientation import turned, turned_back
from samjax.errors import UserError
from samjax.evaluation.map_sizes import ImageSize, SizeOptions, fit, has_aspect

IMAGE = ImageSize((60, 80), (60, 80))
PLAIN = SizeOptions()


@pytest.fixture
def saliency(rng):
    return rng.random((60, 80), np.float32)


@pytest.mark.parametrize("size", [(60, 80), (30, 40), (120, 160), (15, 20), (23, 30), (8, 10)])
def test_sizes_of_the_same_aspect_are_taken(size):
    values = np.ones(size, np.float32)
    assert fit(values, IMAGE, PLAIN) is values


@pytest.mark.parametrize(
    ("size", "says"),
    [
        ((80, 60), "axes are exchanged, or it is turned; --transpose"),
        ((64, 64), "another aspect.*--stretch"),
        ((40, 30), "another aspect"),
        ((240, 400), "another aspect"),
    ],
)
@pytest.mark.parametrize("shown", [(60, 80)])
def test_other_sizes_are_asked_about(size, says, shown):
    with pytest.raises(UserError, match=says):
        fit(np.ones(size, np.float32), ImageSize(shown, shown), PLAIN)


def test_what_was_said_is_done(saliency):
    transposed = fit(np.ascontiguousarray(saliency.T), IMAGE, SizeOptions(transpose=True))
    np.testing.assert_array_equal(transposed, saliency)
    square = np.ones((64, 64), np.float32)
    assert fit(square, IMAGE, SizeOptions(stretch=True)) is square
    with pytest.raises(UserError, match=r"another aspect|axes are exchanged"):
        fit(saliency, IMAGE, SizeOptions(transpose=True))


@pytest.mark.parametrize("exif", [5, 6, 7, 8])
def test_maps_of_a_turned_picture_are_turned_back_where_the_sides_tell(saliency, exif):
    image = IMAGE._replace(exif=exif)
    np.testing.assert_array_equal(fit(turned(saliency, exif), image, PLAIN), saliency)
    np.testing.assert_array_equal(fit(saliency, image, PLAIN), saliency)


@pytest.mark.parametrize(("exif", "size"), [(2, (60, 80)), (3, (60, 80)), (6, (60, 60))])
def test_where_the_sides_do_not_tell_it_is_asked(rng, exif, size):
    values, image = rng.random(size, np.float32), ImageSize(size, size, exif)
    with pytest.raises(UserError, match=f"EXIF orientation {exif}.*--orientation=stored"):
        fit(values, image, PLAIN)
    stored = fit(values, image, SizeOptions(orientation="stored"))
    np.testing.assert_array_equal(stored, values)
    upright = fit(turned(values, exif), image, SizeOptions(orientation="upright"))
    np.testing.assert_array_equal(upright, values)


@pytest.mark.parametrize("exif", [6, 8])
def test_a_dataset_of_turned_pictures_has_maps_on_the_turned_pictures(rng, exif):
    shown, image = rng.random((80, 60), np.float32), ImageSize((80, 60), (60, 80), exif)
    assert fit(shown, image, PLAIN) is shown
    stored = turned_back(shown, exif)
    np.testing.assert_array_equal(fit(stored, image, PLAIN), shown)


def test_an_aspect_is_one_within_a_pixel():
    assert has_aspect((34, 60), (1080, 1920))
    assert not has_aspect((36, 60), (1080, 1920))
    assert has_aspect((1, 1), (500, 501))

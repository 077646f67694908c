"""Scores of a stream do not depend on how images are batched and padded."""

import numpy as np
import pytest
from metric_reference import FLOAT32, direct
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.evaluation import buckets, scorer
from samjax.evaluation.scorer import score
from samjax.evaluation.scores import ScoredImage
from samjax.metrics.emd import emd
from samjax.metrics.optimal import MetricMaps

SIZES = [(40, 60), (60, 40), (90, 60), (40, 60), (40, 60)]
NAMES = ("NSS", "KL", "AUC_Judd")
CHEAP = ("NSS", "CC")  # these compile quickly


@pytest.fixture
def images(rng):
    def image(k, size):
        counts = (rng.random(size) > 0.98).astype(np.float32) * 2
        counts[0, 0] = 1
        density = gaussian_filter(counts, 2)
        maps = {"model": rng.random(size, np.float32), "flat": np.ones(size, np.float32)}
        return ScoredImage(f"image{k}", maps, counts, density)

    return [image(k, size) for k, size in enumerate(SIZES)]


@pytest.mark.parametrize(
    ("batch_pixels", "max_open_pixels"), [(2**21, 2**24), (2**14, 1)], ids=["large", "small"]
)
def test_scores_do_not_depend_on_batches(images, monkeypatch, batch_pixels, max_open_pixels):
    monkeypatch.setattr(buckets, "BATCH_PIXELS", batch_pixels)
    monkeypatch.setattr(scorer, "MAX_OPEN_PIXELS", max_open_pixels)
    got = score(iter(images), "mit", NAMES)
    assert got.image_ids == [image.image_id for image in images]
    for k, image in enumerate(images):
        expected = direct(image.maps["model"], image.counts, image.density)
        for name in NAMES:
            assert got.values["model"][name][k] == pytest.approx(expected[name], **FLOAT32), name
    assert (got.values["flat"]["NSS"] == 0).all()
    assert (got.values["flat"]["AUC_Judd"] == 0.5).all()
    np.testing.assert_array_equal(got.num_fixations, [image.counts.sum() for image in images])


def test_image_of_one_pixel_is_scored():
    pixel = np.ones((1, 1), np.float32)
    values = score([ScoredImage("a", {"model": pixel}, pixel, pixel)], "mit", CHEAP).values["model"]
    assert values["NSS"] == 0
    assert np.isnan(values["CC"])


def test_maps_that_are_not_finite_are_named(images):
    images[1].maps["model"][0, 0] = np.nan
    got = score(images, "mit", CHEAP)
    assert got.not_finite == [("image1", "model")]
    assert np.isnan(got.values["model"]["NSS"][1])
    assert np.isfinite(got.values["flat"]["NSS"][1])


def test_map_of_another_size_is_refused(images):
    images[0].maps["model"] = np.ones((4, 4), np.float32)
    with pytest.raises(UserError, match="image0"):
        score(images, "mit")


def test_no_images_give_no_scores():
    assert score([], "mit").image_ids == []


def test_columns_are_the_metrics_that_the_first_image_allows(images):
    del images[1:]
    assert tuple(score(images, "salicon").values["model"]) == ("NSS", "CC", "AUC_Borji")
    full = [image._replace(others=image.counts) for image in images]
    columns = tuple(score(full, "salicon").values["model"])
    assert columns == ("NSS", "CC", "AUC_Borji", "sAUC")


def test_earth_mover_is_computed_on_request(images):
    values = score(images[:1], "mit", ("EMD", "NSS")).values["model"]
    assert list(values) == ["EMD", "NSS"]
    assert values["EMD"][0] == emd(images[0].maps["model"], images[0].density)


def test_each_metric_gets_its_own_map(images):
    model, flat = (score(images, "mit", CHEAP).values[m] for m in ("model", "flat"))
    split = []
    for image in images:
        maps = MetricMaps(image.maps["model"], {"CC": image.maps["flat"]})
        split.append(image._replace(maps={"both": maps}))
    got = score(split, "mit", CHEAP).values["both"]
    np.testing.assert_allclose(got["CC"], flat["CC"], atol=1e-6)
    # Computed alone, and not with CC: another program, which may add in another order.
    np.testing.assert_allclose(got["NSS"], model["NSS"], atol=FLOAT32["abs"])

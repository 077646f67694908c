"""Scores of a stream do not depend on how images are batched and padded."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.evaluation import scores
from samjax.evaluation.scores import Case, bucket_size, score
from samjax.metrics import compute, metric_names

SIZES = [(40, 60), (60, 40), (90, 100), (40, 60), (40, 60), (1, 1)]


@pytest.fixture
def cases(rng):
    def case(k, size):
        counts = (rng.random(size) > 0.98).astype(np.float32) * 2
        counts[0, 0] = 1
        density = gaussian_filter(counts, 2)
        maps = {"model": rng.random(size, np.float32), "flat": np.ones(size, np.float32)}
        return Case(f"image{k}", maps, counts, density)

    return [case(k, size) for k, size in enumerate(SIZES)]


def alone(case, method):
    maps = (case.maps[method], case.counts, case.density)
    values = compute("mit", *(a[None] for a in maps), np.ones((1, *case.counts.shape), bool))
    return {name: float(value[0]) for name, value in values.items()}


@pytest.mark.parametrize(("pixels", "most", "held"), [(2**21, 16, 2**24), (1, 1, 1), (2**14, 3, 1)])
def test_scores_do_not_depend_on_batches(cases, monkeypatch, pixels, most, held):
    monkeypatch.setattr(scores, "BATCH_PIXELS", pixels)
    monkeypatch.setattr(scores, "MAX_BATCH", most)
    monkeypatch.setattr(scores, "MAX_OPEN_PIXELS", held)
    got = score(iter(cases), "mit")
    assert got.image_ids == [case.image_id for case in cases]
    for method in ("model", "flat"):
        for k, case in enumerate(cases):
            for name, expected in alone(case, method).items():
                value = got.values[method][name][k]
                assert value == pytest.approx(expected, rel=1e-5, abs=1e-6, nan_ok=True), name


def test_buckets_are_few_and_tight():
    sizes = {bucket_size(pixels) for pixels in range(1, 2**16)}
    assert len(sizes) <= 10
    assert all(pixels <= bucket_size(pixels) <= 1.5 * pixels for pixels in range(4096, 2**16))
    assert all(size % scores.ROW == 0 for size in sizes)


def test_maps_that_are_not_finite_are_named(cases):
    cases[2].maps["model"][0, 0] = np.nan
    got = score(cases, "mit")
    assert got.not_finite == [("image2", "model")]
    assert np.isnan(got.values["model"]["NSS"][2])
    assert np.isfinite(got.values["flat"]["NSS"][2])


def test_map_of_another_size_is_refused(cases):
    cases[0].maps["model"] = np.ones((4, 4), np.float32)
    with pytest.raises(UserError, match="image0"):
        score(cases, "mit")


def test_no_images_give_no_scores():
    assert score([], "mit").image_ids == []


def test_columns_are_the_metrics(cases):
    basic = ("NSS", "CC", "SIM", "KL", "AUC_Judd", "AUC_Borji")
    assert tuple(score(cases, "mit").values["model"]) == basic
    full = [c._replace(others=c.counts, center_bias=c.density) for c in cases]
    assert tuple(score(full, "mit", metric_names("mit")).values["model"]) == metric_names("mit")


def test_each_metric_gets_its_own_map(cases):
    model, flat = (score(cases, "mit").values[m] for m in ("model", "flat"))
    split = [
        c._replace(maps={"both": {("CC", "KL"): c.maps["flat"], (): c.maps["model"]}})
        for c in cases
    ]
    got = score(split, "mit").values["both"]
    for name, values in got.items():
        expected = flat[name] if name in ("CC", "KL") else model[name]
        np.testing.assert_allclose(values, expected, rtol=1e-5, err_msg=name)

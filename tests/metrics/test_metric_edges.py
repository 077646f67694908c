"""Every edge case of the mit convention has a defined value."""

import numpy as np
import pytest
from metric_reference import EPS, NAMES, direct, random_case, score
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.metrics import metric_names


@pytest.fixture
def case(rng):
    return random_case(rng, 30, 40, 25)


def test_constant_map_has_defined_values(case):
    _, counts, g = case
    got = score(np.full((30, 40), 0.1, np.float32), counts, g)
    assert (got["NSS"], got["CC"], got["AUC_Judd"]) == (0, 0, 0.5)
    q = np.float64(g) / np.float64(g).sum()
    scaled = (q - q.min()) / (q - q.min()).sum()
    assert got["SIM"] == pytest.approx(np.minimum(scaled, 1 / q.size).sum(), rel=1e-5)
    assert got["KL"] == pytest.approx((q * np.log(EPS + q * q.size)).sum(), rel=1e-4)


def test_blank_map_is_no_distribution(case):
    _, counts, g = case
    got = score(np.zeros((30, 40), np.float32), counts, g)
    q = np.float64(g) / np.float64(g).sum()
    assert (got["NSS"], got["CC"], got["AUC_Judd"], got["SIM"]) == (0, 0, 0.5, 0)
    assert got["KL"] == pytest.approx((q * np.log(EPS + q / EPS)).sum(), rel=1e-5)


def test_no_fixations_is_no_score(case):
    blank = np.zeros((30, 40), np.float32)
    assert all(np.isnan(v) for v in score(case[0], blank, blank).values())


def test_empty_mask_is_no_score(case):
    assert all(np.isnan(v) for v in score(*case, np.zeros((30, 40), bool)).values())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_prediction_that_is_not_finite_is_no_score(case, bad):
    s, counts, g = case
    s = s.copy()
    s[3, 4] = bad
    assert all(np.isnan(v) for v in score(s, counts, g).values())
    mask = np.ones(s.shape, bool)
    mask[3, 4] = False
    assert all(np.isfinite(v) for v in score(s, counts, g, mask).values())


def test_all_fixations_in_one_pixel(case):
    s, _, _ = case
    counts = np.zeros_like(s)
    counts[7, 9] = 50
    g = np.float32(gaussian_filter((counts > 0).astype(float), 3))
    expected = direct(s, counts, g, np.ones(s.shape, bool))
    got = score(s, counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-6), name


def test_every_pixel_fixated_has_no_area(case):
    got = score(case[0], np.ones_like(case[1]), case[2])
    assert np.isnan(got["AUC_Judd"])
    assert np.isfinite(got["NSS"])


def test_zero_under_fixations_is_dear_but_finite(case):
    s, counts, g = case
    s = np.where(counts > 0, 0, s).astype(np.float32)
    q = np.float64(g) / np.float64(g).sum()
    p = np.float64(s) / np.float64(s).sum()
    expected = (q * np.log(EPS + q / (p + EPS))).sum()
    assert expected > 1
    assert score(s, counts, g)["KL"] == pytest.approx(expected, rel=1e-5)


def test_negative_values_are_shifted(case):
    s, counts, g = case
    shifted = s - s.min()
    got, expected = score(shifted - np.float32(3), counts, g), score(shifted, counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], rel=1e-3), name


def test_one_pixel_image():
    one = np.ones((1, 1), np.float32)
    got = score(one, one, one)
    assert got["NSS"] == 0
    assert got["SIM"] == 1
    assert got["KL"] == pytest.approx(0, abs=1e-6)
    assert np.isnan(got["CC"])
    assert np.isnan(got["AUC_Judd"])


def test_unknown_names_say_what_there_is(case):
    with pytest.raises(UserError, match="mit"):
        metric_names("mitt")
    with pytest.raises(UserError, match="AUC_Judd"):
        score(*case, names=["AUC"])

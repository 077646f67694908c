"""The conventions against brute force in NumPy, and their edge cases."""

import jax
import numpy as np
import pytest
from metric_reference import FLOAT32, direct, in_a_frame, random_case

from samjax.errors import UserError
from samjax.metrics import compute
from samjax.metrics.conventions import default_names

SIZE = (30, 40)


@pytest.fixture(params=[None, 7], ids=["continuous", "ties"])
def case(rng, request):
    s, counts, g = random_case(rng, *SIZE, 60, request.param)
    others = np.float32(rng.poisson(0.3, SIZE))
    return s, counts, g, others, np.float32(rng.random(SIZE) + 0.1)


def score(convention, maps, mask=None, names=None):
    s, counts, g, others, center = (m[None] for m in maps)
    mask = np.ones(s.shape, bool) if mask is None else mask[None]
    more = {"others": others, "center_bias": center, "names": names}
    got = compute(convention, s, counts, g, mask, **more)
    return {name: float(value[0]) for name, value in got.items()}


def rank_area(positives, negatives):
    """Every pair of a positive and a negative, ties 1/2."""
    above = positives[:, None] > negatives
    return np.mean(above + 0.5 * (positives[:, None] == negatives))


def threshold_area(positives, negatives, thresholds):
    thresholds = np.sort(thresholds)[::-1]
    tp = [0, *((positives >= t).mean() for t in thresholds), 1]
    fp = [0, *((negatives >= t).mean() for t in thresholds), 1]
    return np.trapezoid(tp, fp)


def repeated(s, counts):
    return np.repeat(np.float64(s).ravel(), counts.astype(int).ravel())


def unit(x):
    x = np.float64(x)
    return (x - x.min()) / (x.max() - x.min())


def test_tuebingen_areas_are_those_of_brute_force(case):
    s, counts, _, others, _ = case
    positives, unfixated = repeated(s, counts), np.float64(s)[counts == 0]
    got = score("tuebingen", case)
    assert got["AUC"] == pytest.approx(rank_area(positives, np.float64(s).ravel()), **FLOAT32)
    assert got["sAUC"] == pytest.approx(rank_area(positives, repeated(s, others)), **FLOAT32)
    ends = [s.min(), *positives]
    assert got["AUC_Judd"] == pytest.approx(
        threshold_area(positives, unfixated, np.float64(ends)), **FLOAT32
    )


def test_tuebingen_points_and_maps_are_those_of_brute_force(case):
    s, counts, g, _, center = (np.float64(m) for m in case)
    p, q, b = s / s.sum(), g / g.sum(), center / center.sum()
    eps, fixated = 2.0**-52, repeated
    log = np.log2(np.maximum(p, eps)) - np.log2(b)
    expected = {
        "NSS": fixated((s - s.mean()) / s.std(), counts).mean(),
        "SIM": np.minimum(p, q).sum(),
        "KL": (q * np.log(eps + q / (p + eps))).sum(),
        "IG": fixated(log, counts).mean(),
    }
    got = score("tuebingen", case)
    for name, value in expected.items():
        assert got[name] == pytest.approx(value, **FLOAT32), name


@pytest.mark.parametrize(("convention", "step"), [("mit", 0.1), ("salicon", 0.01)])
def test_stepped_areas_are_the_mean_over_draws(case, convention, step, rng):
    s, counts, _, others, _ = case
    values = np.round(unit(s), 7)
    thresholds = np.arange(0, 1 + 1e-9, step) - 1e-7
    positives = values[counts > 0] if convention == "mit" else repeated(values, counts)
    pool = values[others > 0] if convention == "mit" else repeated(values, others)
    got = score(convention, case)
    for name, negatives in (("AUC_Borji", values.ravel()), ("sAUC", pool)):
        exact = threshold_area(positives, negatives, thresholds)
        assert got[name] == pytest.approx(exact, abs=2e-3), name
        draws = [
            threshold_area(positives, rng.choice(negatives, positives.size), thresholds)
            for _ in range(300)
        ]
        error = np.std(draws) / np.sqrt(len(draws))
        assert got[name] == pytest.approx(np.mean(draws), abs=5 * error + 1e-3), name


def test_mit_gain_scales_both_maps_to_the_unit_range(case):
    s, counts, _, _, center = case
    p, b = unit(s) / unit(s).sum(), unit(center) / unit(center).sum()
    gain = np.log2(2.0**-52 + p) - np.log2(2.0**-52 + b)
    assert score("mit", case)["IG"] == pytest.approx(gain[counts > 0].mean(), **FLOAT32)


@pytest.mark.parametrize("convention", ["mit", "tuebingen", "salicon"])
def test_only_what_the_mask_shows_counts(convention, rng):
    small = [*random_case(rng, 22, 31, 40), np.float32(rng.poisson(0.3, (22, 31)))]
    small.append(np.float32(rng.random((22, 31)) + 0.1))
    got, elsewhere = (
        score(convention, *in_a_frame(rng, small, top, left, SIZE))
        for top, left in ((3, 9), (8, 0))
    )
    for name, value in elsewhere.items():
        assert got[name] == pytest.approx(value, **FLOAT32, nan_ok=True), name
    s, counts, g, others, _ = small
    if convention == "mit":
        for name, value in direct(s, counts, g).items():
            assert got[name] == pytest.approx(value, **FLOAT32), name
    else:
        expected = repeated((s - s.mean(dtype=float)) / s.std(dtype=float), counts).mean()
        assert got["NSS"] == pytest.approx(expected, **FLOAT32)
    if convention == "tuebingen":
        expected = rank_area(repeated(s, counts), repeated(s, others))
        assert got["sAUC"] == pytest.approx(expected, **FLOAT32)


@pytest.mark.parametrize("convention", ["mit", "tuebingen", "salicon"])
@pytest.mark.parametrize("value", [0, 0.3])
def test_constant_map_says_nothing(case, convention, value):
    got = score(convention, (np.full(SIZE, value, np.float32), *case[1:]))
    for name in set(got) & {"AUC", "AUC_Judd", "AUC_Borji", "sAUC"}:
        assert got[name] == 0.5, name
    assert (got["NSS"], got["CC"]) == (0, 0)
    if convention == "tuebingen":
        uniform = score(convention, (np.full(SIZE, 1 / 1200, np.float32), *case[1:]))
        for name in ("SIM", "KL", "IG"):
            assert got[name] == pytest.approx(uniform[name], **FLOAT32), name


@pytest.mark.parametrize("convention", ["mit", "tuebingen", "salicon"])
def test_no_score_is_nan(case, convention):
    s, counts, g, others, center = case
    blank = np.zeros_like(s)
    assert all(np.isnan(v) for v in score(convention, (s, blank, blank, others, center)).values())
    bad = s.copy()
    bad[2, 3] = np.nan
    assert all(np.isnan(v) for v in score(convention, (bad, *case[1:])).values())
    assert np.isnan(score(convention, (s, counts, g, blank, center))["sAUC"])


def test_all_fixations_in_one_pixel(case):
    s, _, g, others, center = case
    counts = np.zeros_like(s)
    counts[4, 5] = 30
    got = score("tuebingen", (s, counts, g, others, center))
    assert got["AUC"] == pytest.approx(rank_area(s[4:5, 5], s.ravel()), **FLOAT32)
    assert got["NSS"] == pytest.approx((s[4, 5] - s.mean()) / s.std(), **FLOAT32)


def test_zero_under_a_fixation_has_a_finite_price(case):
    s, counts, g, others, center = case
    s = np.where(counts > 0, 0, s).astype(np.float32)
    got = score("tuebingen", (s, counts, g, others, center))
    b = np.float64(center) / np.float64(center).sum()
    expected = -52 - repeated(np.log2(b), counts).mean()
    assert got["IG"] == pytest.approx(expected, **FLOAT32)
    assert np.isfinite(list(got.values())[:-1]).all()


def test_negative_values_are_shifted(case):
    s = np.round(case[0] * 64) / 64
    shifted = score("tuebingen", ((s - s.min()).astype(np.float32), *case[1:]))
    got = score("tuebingen", ((s - s.min() - 4).astype(np.float32), *case[1:]))
    for name, value in shifted.items():
        assert got[name] == pytest.approx(value, **FLOAT32, nan_ok=True), name


def test_log_likelihood_is_for_densities(case):
    s, counts, *rest = case
    p = np.float64(s + 0.01) / np.float64(s + 0.01).sum()
    got = score("tuebingen", (np.float32(p), counts, *rest))
    assert got["LL"] == pytest.approx(repeated(np.log2(p), counts).mean(), **FLOAT32)
    assert np.isnan(score("tuebingen", case)["LL"])


def test_float64_in_float64_out(case):
    with jax.enable_x64(True):
        maps = [np.float64(m)[None] for m in case]
        got = compute("tuebingen", *maps[:3], np.ones((1, *SIZE), bool), names=["NSS", "AUC"])
        assert all(value.dtype == np.float64 for value in got.values())
        s = np.float64(case[0])
        expected = rank_area(repeated(s, case[1]), s.ravel())
        assert float(got["AUC"][0]) == pytest.approx(expected, rel=1e-13)


def test_what_a_metric_needs_is_asked_for(case):
    assert "sAUC" not in default_names("mit", ())
    assert "sAUC" in default_names("mit", ("others",))
    s, counts, g = (m[None] for m in case[:3])
    with pytest.raises(UserError, match="others"):
        compute("mit", s, counts, g, np.ones(s.shape, bool), names=["sAUC"])

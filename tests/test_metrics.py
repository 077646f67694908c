"""The mit convention against golden numbers and direct float64 definitions."""

import json
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.metrics import compute, metric_names
from samjax.metrics.conventions import fixated_limit

EPS = 2.0**-52
NAMES = ("NSS", "CC", "SIM", "KL", "AUC_Judd")


def direct(s, counts, g, mask):
    """The definitions, word for word, on the pixels of the mask in float64."""
    s, f, g = (np.asarray(a, np.float64)[mask] for a in (s, counts, g))
    fixated = f > 0

    def unit(x):
        return (x - x.min()) / (x.max() - x.min())

    minimum = np.minimum(unit(s) / unit(s).sum(), unit(g) / unit(g).sum()).sum()
    p, q = s / s.sum(), g / g.sum()
    return {
        "NSS": ((s - s.mean()) / s.std(ddof=1))[fixated].mean(),
        "CC": np.corrcoef(s, g)[0, 1],
        "SIM": minimum,
        "KL": (q * np.log(EPS + q / (p + EPS))).sum(),
        "AUC_Judd": direct_judd(s, fixated),
    }


def direct_judd(s, fixated):
    """Every threshold by brute force; without jitter, so for maps without ties."""
    n, pixels = fixated.sum(), s.size
    tp, fp = [0.0], [0.0]
    for k, threshold in enumerate(np.sort(s[fixated])[::-1], start=1):
        tp.append(k / n)
        fp.append((np.count_nonzero(s >= threshold) - k) / (pixels - n))
    return np.trapezoid([*tp, 1], [*fp, 1])


def random_case(rng, height, width, fixations, levels=None):
    s = gaussian_filter(rng.random((height, width)), 2) + 0.1 * rng.random((height, width))
    s = np.float32(s if levels is None else np.round(s * levels) / levels)
    counts = np.zeros((height, width), np.float32)
    np.add.at(counts, (rng.integers(0, height, fixations), rng.integers(0, width, fixations)), 1)
    return s, counts, np.float32(gaussian_filter((counts > 0).astype(float), 3))


def score(s, counts, g, mask=None, **options):
    mask = np.ones(s.shape, bool) if mask is None else mask
    values = compute("mit", s[None], counts[None], g[None], mask[None], **options)
    return {name: float(value[0]) for name, value in values.items()}


@pytest.fixture
def case(rng):
    return random_case(rng, 30, 40, 25)


@pytest.fixture(scope="module")
def golden(shared):
    sys.path.insert(0, str(shared / "oracle"))
    import metrics_cases

    sys.path.pop(0)
    numbers = json.loads((shared / "oracle" / "metrics_golden.json").read_text())
    return metrics_cases, numbers


@pytest.mark.parametrize("name", ["a", "b", "ties"])
def test_golden_numbers(golden, name):
    cases, numbers = golden
    expected = numbers[name]["cvzoya"]
    got = score(*(np.float32(a) for a in cases.case(name)[:3]))
    for ours, theirs in zip(NAMES[:4], ("NSS", "CC", "SIM", "KLdiv"), strict=True):
        assert got[ours] == pytest.approx(expected[theirs], rel=1e-4), ours
    # With ties the golden AUC is one draw of MATLAB's jitter; a draw's deviation here is .006.
    tolerance = {"abs": 0.01} if name == "ties" else {"rel": 1e-4}
    assert got["AUC_Judd"] == pytest.approx(expected["AUC_Judd_jitter"], **tolerance)


def test_ties_give_the_mean_over_jitter(golden):
    cases, numbers = golden
    s, counts, g = cases.case("ties")[:3]
    rng = np.random.default_rng(0)
    draws = [
        direct_judd((s + 1e-7 * rng.random(s.shape)).ravel(), counts.ravel() > 0)
        for _ in range(400)
    ]
    assert draws[0] == pytest.approx(numbers["ties"]["cvzoya"]["AUC_Judd_jitter"], rel=1e-12)
    error = np.std(draws) / np.sqrt(len(draws))
    assert score(np.float32(s), counts, g)["AUC_Judd"] == pytest.approx(
        np.mean(draws), abs=3 * error
    )


@pytest.mark.parametrize("size", [(5, 7, 4), (33, 20, 60), (64, 96, 300)])
def test_agrees_with_the_definitions(rng, size):
    s, counts, g = random_case(rng, *size)
    assert np.unique(s).size > 0.99 * s.size
    expected = direct(s, counts, g, np.ones(s.shape, bool))
    got = score(s, counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], rel=1e-4, abs=2e-6), name


def test_large_offset_keeps_its_digits(rng, case):
    s, counts, g = case
    s = np.float32(1000 + s)
    expected = direct(s, counts, g, np.ones(s.shape, bool))
    got = score(s, counts, g)
    for name in ("NSS", "CC", "SIM"):
        assert got[name] == pytest.approx(expected[name], rel=1e-5), name


@pytest.mark.parametrize("factor", [1e-30, 1e-12, 1e30])
def test_scale_of_the_map_does_not_matter(case, factor):
    s, counts, g = case
    expected, got = score(s, counts, g), score(s * np.float32(factor), counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], rel=1e-5), name


def test_exact_in_float64(case):
    s, counts, g = (np.float64(a) for a in case)
    expected = direct(s, counts, g, np.ones(s.shape, bool))
    with jax.enable_x64(True):
        got = score(s, counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], rel=1e-11), name


def test_mask_equals_cropping(rng):
    s, counts, g = random_case(rng, 24, 31, 30, levels=12)
    mask = np.zeros((40, 50), bool)
    mask[3:27, 9:40] = True
    padded = []
    for a in (s, counts, g):
        frame = np.float32(rng.random((40, 50)))  # rubbish outside the mask
        frame[mask] = a.ravel()
        padded.append(frame)
    expected, got = score(s, counts, g), score(*padded, mask)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], rel=1e-5), name


def test_batch_equals_single(rng):
    cases = [random_case(rng, 20, 30, n, levels) for n, levels in ((5, None), (80, 9), (1, None))]
    mask = np.ones((3, 20, 30), bool)
    together = compute("mit", *(np.stack(a) for a in zip(*cases, strict=True)), mask)
    for k, one in enumerate(cases):
        for name, value in score(*one).items():
            assert float(together[name][k]) == pytest.approx(value, rel=1e-5), name


def test_works_while_traced(case):
    values = jax.jit(lambda s, f, g, m: compute("mit", s, f, g, m))(
        *(jnp.asarray(a)[None] for a in case), jnp.ones((1, 30, 40), bool)
    )
    for name, expected in score(*case).items():
        assert float(values[name][0]) == pytest.approx(expected, rel=1e-5), name


def test_metrics_are_float32(case):
    values = compute("mit", *(a[None] for a in case), np.ones((1, 30, 40), bool))
    assert all(value.dtype == jnp.float32 and value.shape == (1,) for value in values.values())


def test_limit_does_not_change_the_area_and_too_small_is_nan(case):
    expected = score(*case)["AUC_Judd"]
    for limit in (25, 33, 64, 1200, 5000):
        got = score(*case, limit=limit, names=["AUC_Judd"])["AUC_Judd"]
        assert got == pytest.approx(expected, rel=1e-6)
    assert np.isnan(score(*case, limit=10)["AUC_Judd"])


def test_limit_is_a_power_of_two_that_suffices():
    counts = np.zeros((2, 30, 40))
    assert fixated_limit(counts) == 256
    counts[1].flat[:257] = 3
    assert fixated_limit(counts) == 512


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

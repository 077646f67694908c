"""The mit convention against direct float64 definitions, and a defined value in every edge case.

Most images have one size, so that one compiled program serves them.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from metric_reference import EPS, FLOAT32, NAMES, direct, in_a_frame, random_case, score
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.metrics import compute, metric_names
from samjax.metrics.batch import fixated_limit

SIZE = (30, 40)


@pytest.fixture
def case(rng):
    return random_case(rng, *SIZE, 25)


def test_agrees_with_the_definitions(rng):
    s, counts, g = random_case(rng, 37, 53, 400)  # more fixated pixels than the smallest limit
    assert np.unique(s).size > 0.99 * s.size
    assert np.count_nonzero(counts) > 256
    expected, got = direct(s, counts, g), score(s, counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], **FLOAT32), name


@pytest.mark.parametrize(("height", "width", "num_fixations"), [(5, 7, 4), (24, 31, 30)])
def test_mask_equals_cropping(rng, height, width, num_fixations):
    small = random_case(rng, height, width, num_fixations)
    framed, mask = in_a_frame(rng, small, 3, 9, SIZE)
    expected, got = direct(*small), score(*framed, mask)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], **FLOAT32), name


def test_large_offset_keeps_its_digits(case):
    s, counts, g = case
    s = np.float32(1000 + s)
    expected, got = direct(s, counts, g), score(s, counts, g)
    for name in ("NSS", "CC", "SIM"):
        assert got[name] == pytest.approx(expected[name], **FLOAT32), name


@pytest.mark.parametrize("factor", [1e-30, 1e-12, 1e30])
def test_scale_of_the_map_does_not_matter(case, factor):
    s, counts, g = case
    expected, got = direct(s, counts, g), score(s * np.float32(factor), counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], **FLOAT32), name


def test_exact_in_float64(case):
    s, counts, g = (np.float64(a) for a in case)
    expected = direct(s, counts, g)
    with jax.enable_x64(True):
        got = score(s, counts, g, names=NAMES)
    for name in NAMES:  # sums of 1200 terms lose at most 1200 * 2^-53, 1.3e-13
        assert got[name] == pytest.approx(expected[name], rel=1e-11, abs=1e-11), name


def test_batch_equals_single(rng):
    cases = [random_case(rng, *SIZE, n, levels) for n, levels in ((5, None), (80, 9), (1, None))]
    mask = np.ones((3, *SIZE), bool)
    together = compute("mit", *(np.stack(a) for a in zip(*cases, strict=True)), mask)
    for k, single in enumerate(cases):
        for name, value in score(*single).items():
            assert float(together[name][k]) == pytest.approx(value, **FLOAT32), name
    assert all(v.dtype == jnp.float32 and v.shape == (3,) for v in together.values())


def test_works_while_traced(case):
    names = ("NSS", "AUC_Judd")
    values = jax.jit(lambda s, f, g, m: compute("mit", s, f, g, m, names=names))(
        *(jnp.asarray(a)[None] for a in case), jnp.ones((1, *SIZE), bool)
    )
    expected = score(*case)
    for name in names:
        assert float(values[name][0]) == pytest.approx(expected[name], **FLOAT32), name


def test_limit_does_not_change_the_area_and_too_small_is_nan(case):
    expected = score(*case)["AUC_Judd"]
    got = score(*case, limit=33, names=["AUC_Judd"])["AUC_Judd"]
    assert got == pytest.approx(expected, rel=1e-6)  # counts are integers: only quotients differ
    assert np.isnan(score(*case, limit=10, names=["AUC_Judd"])["AUC_Judd"])


def test_limit_is_a_power_of_two_that_suffices():
    counts = np.zeros((2, 30, 40))
    assert fixated_limit(counts) == 256
    counts[1].flat[:257] = 3
    assert fixated_limit(counts) == 512


def test_constant_map_has_defined_values(case):
    _, counts, g = case
    got = score(np.full(SIZE, 0.1, np.float32), counts, g)
    assert (got["NSS"], got["CC"], got["AUC_Judd"]) == (0, 0, 0.5)
    q = np.float64(g) / np.float64(g).sum()
    scaled = (q - q.min()) / (q - q.min()).sum()
    assert got["SIM"] == pytest.approx(np.minimum(scaled, 1 / q.size).sum(), **FLOAT32)
    assert got["KL"] == pytest.approx((q * np.log(EPS + q * q.size)).sum(), **FLOAT32)


def test_blank_map_is_no_distribution(case):
    _, counts, g = case
    got = score(np.zeros(SIZE, np.float32), counts, g)
    q = np.float64(g) / np.float64(g).sum()
    assert (got["NSS"], got["CC"], got["AUC_Judd"], got["SIM"]) == (0, 0, 0.5, 0)
    assert got["KL"] == pytest.approx((q * np.log(EPS + q / EPS)).sum(), **FLOAT32)


def test_no_fixations_is_no_score(case):
    blank = np.zeros(SIZE, np.float32)
    assert all(np.isnan(v) for v in score(case[0], blank, blank).values())


def test_empty_mask_is_no_score(case):
    assert all(np.isnan(v) for v in score(*case, np.zeros(SIZE, bool)).values())


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
    expected, got = direct(s, counts, g), score(s, counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], **FLOAT32), name


def test_every_pixel_fixated_has_no_area(case):
    mask = np.zeros(SIZE, bool)
    mask[:10, :20] = True
    got = score(case[0], np.float32(mask), case[2], mask)
    assert np.isnan(got["AUC_Judd"])
    assert np.isfinite(got["NSS"])


def test_zero_under_fixations_is_dear_but_finite(case):
    s, counts, g = case
    s = np.where(counts > 0, 0, s).astype(np.float32)
    expected = direct(s, counts, g)["KL"]
    assert expected > 1
    assert score(s, counts, g)["KL"] == pytest.approx(expected, **FLOAT32)


def test_negative_values_are_shifted(case):
    s, counts, g = case
    s = np.round(s * 2**12) / 2**12  # so that the offset below loses no digits
    shifted = s - s.min()
    got, expected = score(shifted - np.float32(3), counts, g), score(shifted, counts, g)
    for name in NAMES:
        assert got[name] == pytest.approx(expected[name], **FLOAT32), name


def test_image_of_one_pixel():
    mask = np.zeros(SIZE, bool)
    mask[4, 5] = True
    got = score(np.ones(SIZE, np.float32), np.float32(mask), np.float32(mask), mask)
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

"""The mit convention against golden numbers and direct float64 definitions."""

import json
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from metric_reference import NAMES, direct, direct_judd, random_case, score

from samjax.metrics import compute
from samjax.metrics.batch import fixated_limit


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


@pytest.mark.parametrize("size", [(5, 7, 4), (64, 96, 300)])
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
    for limit in (25, 33, 5000):
        got = score(*case, limit=limit, names=["AUC_Judd"])["AUC_Judd"]
        assert got == pytest.approx(expected, rel=1e-6)
    assert np.isnan(score(*case, limit=10)["AUC_Judd"])


def test_limit_is_a_power_of_two_that_suffices():
    counts = np.zeros((2, 30, 40))
    assert fixated_limit(counts) == 256
    counts[1].flat[:257] = 3
    assert fixated_limit(counts) == 512

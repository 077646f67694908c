"""All conventions against the golden numbers of pysaliency and of the MIT benchmark's code."""

import json
import sys

import jax
import numpy as np
import pytest

from samjax.metrics import compute

TUEBINGEN = {
    "NSS": "NSS",
    "CC": "CC",
    "SIM": "SIM",
    "KL": "KLDiv_MIT",
    "AUC": "AUC_uniform",
    "AUC_Judd": "AUC_unfixated_judd",
    "sAUC": "sAUC_given_others",
    "IG": "IG_bits",
}
MIT = {"NSS": "NSS", "CC": "CC", "SIM": "SIM", "KL": "KLdiv", "IG": "IG_bits"}
SAMPLED = {"AUC_Borji": "AUC_Borji", "sAUC": "AUC_shuffled"}
PRECISIONS = [(np.float32, 1e-4), (np.float64, 1e-6)]


@pytest.fixture(scope="module")
def golden(shared):
    sys.path.insert(0, str(shared / "oracle"))
    import metrics_cases

    sys.path.pop(0)
    numbers = json.loads((shared / "oracle" / "metrics_golden.json").read_text())
    return metrics_cases, numbers


def scores(convention, maps, dtype):
    s, counts, g, others, center = (np.asarray(a, dtype)[None] for a in maps)
    mask = np.ones(s.shape, bool)
    with jax.enable_x64(dtype is np.float64):
        got = compute(convention, s, counts, g, mask, others=others, center_bias=center)
        return {name: float(value[0]) for name, value in got.items()}


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("name", ["a", "b", "ties"])
def test_tuebingen(golden, name, dtype, tolerance):
    cases, numbers = golden
    got = scores("tuebingen", cases.case(name), dtype)
    for ours, theirs in TUEBINGEN.items():
        assert got[ours] == pytest.approx(numbers[name]["pysaliency"][theirs], rel=tolerance), ours


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("name", ["a", "b", "ties"])
def test_mit(golden, name, dtype, tolerance):
    cases, numbers = golden
    expected = numbers[name]["cvzoya"]
    got = scores("mit", cases.case(name), dtype)
    for ours, theirs in MIT.items():
        assert got[ours] == pytest.approx(expected[theirs], rel=tolerance), ours
    for ours, theirs in SAMPLED.items():
        assert got[ours] == pytest.approx(expected[theirs], abs=0.01), ours
    if name != "ties":  # with ties it is one draw of MATLAB's jitter
        assert got["AUC_Judd"] == pytest.approx(expected["AUC_Judd_jitter"], rel=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
def test_salicon_shares_what_it_shares(golden, dtype, tolerance):
    cases, numbers = golden
    for name in ("a", "b", "ties"):
        got = scores("salicon", cases.case(name), dtype)
        assert got["NSS"] == pytest.approx(numbers[name]["pysaliency"]["NSS"], rel=tolerance)
        assert got["CC"] == pytest.approx(numbers[name]["pysaliency"]["CC"], rel=tolerance)
        assert got["AUC_Borji"] == pytest.approx(
            numbers[name]["pysaliency"]["AUC_uniform"], abs=0.01
        )

"""All conventions against the golden numbers of pysaliency and of the MIT benchmark's code.

The numbers and their inputs are in tests/golden. Deterministic values must agree to 1e-6 in
float64, and in float32 to 1e-4. Float32 sums, in stages of 64 terms, lose at most some 1e-5 on any
processor; the rest is headroom.
"""

import json
import runpy
from pathlib import Path

import jax
import numpy as np
import pytest
from metric_reference import direct_judd

from samjax.metrics import compute

GOLDEN = Path(__file__).parents[1] / "golden"
NUMBERS = json.loads((GOLDEN / "metrics_golden.json").read_text())
CASES = ("a", "b", "ties")
SIZE = (60, 64)  # holds every case, so that one program scores them all

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
PRECISIONS = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-6)]
)


@pytest.fixture(scope="module")
def cases():
    make = runpy.run_path(str(GOLDEN / "metrics_cases.py"))["case"]
    return {name: make(name) for name in CASES}


def scores(convention, cases, dtype):
    """The scores of each case, all in one padded batch."""
    arrays = np.zeros((5, len(cases), *SIZE), dtype)
    mask = np.zeros((len(cases), *SIZE), bool)
    for k, maps in enumerate(cases.values()):
        height, width = maps[0].shape
        arrays[:, k, :height, :width] = maps
        mask[k, :height, :width] = True
    s, counts, g, others, center = arrays
    with jax.enable_x64(dtype is np.float64):
        got = compute(convention, s, counts, g, mask, others=others, center_bias=center)
        return {
            case: {name: float(values[k]) for name, values in got.items()}
            for k, case in enumerate(cases)
        }


@PRECISIONS
def test_tuebingen(cases, dtype, tolerance):
    for case, got in scores("tuebingen", cases, dtype).items():
        expected = NUMBERS[case]["pysaliency"]
        for ours, theirs in TUEBINGEN.items():
            assert got[ours] == pytest.approx(expected[theirs], rel=tolerance), (case, ours)


@PRECISIONS
def test_mit(cases, dtype, tolerance):
    for case, got in scores("mit", cases, dtype).items():
        expected = NUMBERS[case]["cvzoya"]
        for ours, theirs in MIT.items():
            assert got[ours] == pytest.approx(expected[theirs], rel=tolerance), (case, ours)
        for ours, theirs in SAMPLED.items():
            assert got[ours] == pytest.approx(expected[theirs], abs=0.01), (case, ours)
        # With ties it is one draw of MATLAB's jitter; a draw's deviation here is .006.
        judd = {"abs": 0.01} if case == "ties" else {"rel": tolerance}
        assert got["AUC_Judd"] == pytest.approx(expected["AUC_Judd_jitter"], **judd), case


def test_salicon_shares_what_it_shares(cases):
    for case, got in scores("salicon", cases, np.float32).items():
        expected = NUMBERS[case]["pysaliency"]
        assert got["NSS"] == pytest.approx(expected["NSS"], rel=1e-4)
        assert got["CC"] == pytest.approx(expected["CC"], rel=1e-4)
        assert got["AUC_Borji"] == pytest.approx(expected["AUC_uniform"], abs=0.01)


def test_ties_give_the_mean_over_jitter(cases):
    s, counts = cases["ties"].saliency, cases["ties"].counts
    rng = np.random.default_rng(0)
    draws = [
        direct_judd((s + 1e-7 * rng.random(s.shape)).ravel(), counts.ravel() > 0)
        for _ in range(400)
    ]
    expected = NUMBERS["ties"]["cvzoya"]["AUC_Judd_jitter"]
    assert draws[0] == pytest.approx(expected, rel=1e-12)
    error = np.std(draws) / np.sqrt(len(draws))
    got = scores("mit", cases, np.float32)["ties"]["AUC_Judd"]
    assert got == pytest.approx(np.mean(draws), abs=3 * error)

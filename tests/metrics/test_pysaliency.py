"""The tuebingen convention against pysaliency itself, where it is installed."""

import numpy as np
import pytest
from metric_reference import random_case

from samjax.metrics import compute

metrics = pytest.importorskip("pysaliency.metrics")
roc = pytest.importorskip("pysaliency.roc")
if not hasattr(np, "trapz"):  # which pysaliency 0.2.22 uses
    pytest.skip("pysaliency does not run with NumPy 2.4 and newer", allow_module_level=True)

SIZE = (48, 64)


@pytest.fixture(params=[None, 9], ids=["continuous", "ties"])
def case(rng, request):
    s, counts, density = random_case(rng, *SIZE, 90, request.param)
    others = np.float32(rng.poisson(0.4, SIZE))
    return s, counts, density, others, np.float32(rng.random(SIZE) + 0.2)


def ours(case):
    s, counts, density, others, center = (a[None] for a in case)
    mask = np.ones(s.shape, bool)
    got = compute("tuebingen", s, counts, density, mask, others=others, center_bias=center)
    return {name: float(value[0]) for name, value in got.items()}


def points(counts):
    y, x = np.nonzero(counts)
    repeats = counts[y, x].astype(int)
    return np.repeat(y, repeats), np.repeat(x, repeats)


def theirs(case):
    s, counts, density, others, center = (np.asarray(a, float) for a in case)
    y, x = points(counts)
    log = [np.log2(metrics.convert_saliency_map_to_density(m)) for m in (s, center)]
    with np.errstate(divide="ignore"):
        return {
            "NSS": np.mean(metrics.NSS(s, x, y)),
            "CC": metrics.CC(s, density),
            "SIM": metrics.SIM(s, density),
            "KL": metrics.MIT_KLDiv(s, density),
            "AUC": np.mean(roc.general_rocs_per_positive(s[y, x], s.ravel())),
            "AUC_Judd": roc.general_roc(s[y, x], s[counts == 0], judd=1)[0],
            "sAUC": np.mean(roc.general_rocs_per_positive(s[y, x], s[points(others)])),
            "IG": np.mean((log[0] - log[1])[y, x]),
        }


@pytest.mark.filterwarnings("ignore")
def test_every_metric_agrees(case):
    got = ours(case)
    for name, value in theirs(case).items():
        assert got[name] == pytest.approx(value, rel=1e-4), name


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("value", [0.0, 0.7])
def test_constant_maps_agree(case, value):
    case = (np.full(SIZE, value, np.float32), *case[1:])
    got, expected = ours(case), theirs(case)
    for name in set(expected) - {"IG"} if value == 0 else expected:
        assert got[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-7), name

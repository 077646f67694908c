"""The benchmark of scoring has every convention and metric, and survives a library that fails."""

from experiments.bench import metrics as bench
from experiments.bench.cost_table import metrics
from experiments.bench.plan import make_plan
from samjax.metrics import CONVENTIONS


def test_measures_every_convention(monkeypatch):
    small = {"HEIGHT": 48, "WIDTH": 64, "FIXATIONS": 20, "OTHERS": 400, "BATCH": 2, "REPEATS": 1}
    for name, value in small.items():
        monkeypatch.setattr(bench, name, value)
    monkeypatch.setattr(bench, "_pysaliency_calls", lambda *_: {"NSS": lambda: 0, "AUC": _fail})
    found = dict(bench.measure(make_plan(["sam-vgg"], quick=True)))
    assert all(found[bench.TOGETHER][convention] > 0 for convention in CONVENTIONS)
    seconds = found[bench.ONE_BY_ONE]["seconds"]
    assert list(seconds) == list(bench.OF_BOTH)
    assert set(seconds["NSS"]) == {"samjax", "pysaliency"}
    assert set(seconds["AUC"]) == {"samjax"}
    assert "no trapz" in found[bench.ONE_BY_ONE]["failures"]["pysaliency's AUC"]
    assert metrics(found).count("\n") == 2 + len(bench.OF_BOTH) + len(CONVENTIONS)


def _fail():
    raise AttributeError("no trapz")

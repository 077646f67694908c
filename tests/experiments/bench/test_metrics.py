"""The benchmark of the metrics runs and names every convention."""

from experiments.bench import metrics as bench
from experiments.bench.plan import make_plan
from samjax.metrics import CONVENTIONS


def test_measures_every_convention(monkeypatch):
    small = {"HEIGHT": 48, "WIDTH": 64, "FIXATIONS": 20, "OTHERS": 400, "BATCH": 2, "REPEATS": 1}
    for name, value in small.items():
        monkeypatch.setattr(bench, name, value)
    found = bench.measure(make_plan(["sam-vgg"], quick=True))
    assert all(found[f"seconds_{convention}"] > 0 for convention in CONVENTIONS)
    assert found["other_fixations"] == 400

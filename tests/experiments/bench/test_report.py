"""Results are written as soon as they are there, beside those of earlier runs."""

import json
from types import SimpleNamespace

import pytest

from experiments.bench import report
from experiments.bench.plan import make_plan
from samjax.errors import UserError


def fake_subjects(monkeypatch, **measures):
    def import_module(name):
        return SimpleNamespace(measure=measures[name.rpartition(".")[2]])

    monkeypatch.setattr(report, "importlib", SimpleNamespace(import_module=import_module))


def stop(plan):
    raise KeyboardInterrupt


def test_what_was_measured_before_an_interruption_is_kept(monkeypatch, tmp_path, capsys):
    fake_subjects(monkeypatch, pipeline=lambda plan: {"threads=0": {"rate": 2.5}}, metrics=stop)
    with pytest.raises(KeyboardInterrupt):
        report.run_subjects(["pipeline", "metrics"], tmp_path, make_plan("vgg16", quick=True))
    content = json.loads((tmp_path / "pipeline.json").read_text())
    assert content["results"] == {"threads=0": {"rate": 2.5}}
    assert content["plan"]["case"]["backbone"] == "vgg16"
    assert "| threads=0 rate | 2.5 |" in (tmp_path / "benchmark.md").read_text()
    assert "measuring metrics (2 of 2)" in capsys.readouterr().err


def test_the_table_holds_the_results_of_earlier_runs(monkeypatch, tmp_path, capsys):
    plan = make_plan("vgg16", quick=True)
    fake_subjects(monkeypatch, pipeline=lambda plan: {"a": 1}, memory=lambda plan: {"note": "none"})
    report.run_subjects(["pipeline"], tmp_path, plan)
    report.run_subjects(["memory"], tmp_path, plan)
    table = capsys.readouterr().out
    assert "### memory" in table
    assert "### pipeline" in table


def test_an_unknown_subject_is_refused(tmp_path):
    with pytest.raises(UserError, match="subject 'speed' is unknown; choose of network"):
        report.run_subjects(["speed"], tmp_path, make_plan("vgg16"))

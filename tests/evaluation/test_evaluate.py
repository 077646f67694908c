"""A model scored over a split, with the files that this leaves."""

import csv
import json

import numpy as np
import pytest
from tiny_model import tiny_model

from samjax.errors import UserError
from samjax.evaluation.evaluate import evaluate, evaluate_timesteps
from samjax.evaluation.score_report import IDENTITY
from samjax.evaluation.score_table import print_summary
from samjax.files.json_file import finite

METHODS = ["model", "uniform", "center Gaussian", "mean density", "center bias", "observers"]
CHEAP = ("NSS", "CC")  # these compile quickly
NAMES = ["NSS", "CC", "SIM", "KL", "AUC_Judd", "AUC_Borji", "sAUC", "IG"]


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def evaluated(model, data_dir, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("run")
    options = {"data_dir": data_dir, "workdir": workdir, "batch_size": 2}
    return evaluate(model, "synthetic", "validation", **options), workdir / "evaluation"


def test_writes_a_summary_and_a_row_per_image(evaluated, source):
    summary, folder = evaluated
    base = "synthetic-validation-mit"
    assert sorted(p.name for p in folder.iterdir()) == [f"{base}.csv", f"{base}.json"]
    assert json.loads((folder / f"{base}.json").read_text()) == finite(summary)
    rows = list(csv.DictReader((folder / f"{base}.csv").read_text().splitlines()))
    assert list(rows[0]) == ["image_id", *NAMES, *IDENTITY]
    assert [row["image_id"] for row in rows] == [source.image_id(i) for i in range(5)]
    for name in NAMES:
        mean = np.mean([float(row[name]) for row in rows])
        assert summary["scores"]["model"][name]["mean"] == pytest.approx(mean, rel=1e-5)


def test_summary_says_what_produced_it(evaluated):
    summary, _ = evaluated
    assert summary["images"] == 5
    assert summary["convention"] == "mit"
    assert summary["weights"] == "random, step 0"
    for key in ("edition", "sigma", "resolution", "versions", "bootstrap", "split", "dataset"):
        assert key in summary
    assert list(summary["scores"]) == METHODS
    for estimates in summary["scores"].values():
        assert list(estimates) == NAMES
        assert all(e["low"] <= e["mean"] <= e["high"] for e in estimates.values())


def test_difference_is_from_the_best_baseline(evaluated):
    summary, _ = evaluated
    difference = summary["difference"]["NSS"]
    ours = summary["scores"]["model"]["NSS"]["mean"]
    baselines = METHODS[1:-1]
    best = max(summary["scores"][b]["NSS"]["mean"] for b in baselines)
    assert summary["scores"][difference["baseline"]]["NSS"]["mean"] == best
    assert difference["mean"] == pytest.approx(ours - best, abs=1e-6)


def test_batch_size_does_not_change_the_scores(evaluated, model, data_dir):
    summary, _ = evaluated
    options = {"data_dir": data_dir, "trials": 0, "names": CHEAP}
    other = evaluate(model, "synthetic", "validation", batch_size=5, **options)
    for name in CHEAP:
        ours, theirs = (s["scores"]["model"][name]["mean"] for s in (summary, other))
        # The network's float32 maps differ by some 1e-5 with the batch; the means by as much.
        assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-4)


def test_table_is_printed(evaluated, capsys):
    print_summary(evaluated[0])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "synthetic, validation, 5 images, convention mit, original resolution"
    assert lines[3].startswith("model")


def test_wrong_names_fail_before_the_work(model, data_dir):
    for name, split, convention in (
        ("synthetic", "validation", "tubingen"),
        ("synthetic", "val", "mit"),
        ("nothing", "validation", "mit"),
    ):
        with pytest.raises(UserError):
            evaluate(model, name, split, convention=convention, data_dir=data_dir)


def test_every_timestep_in_one_pass_has_the_scores_of_a_run_of_its_own(model, data_dir, tmp_path):
    options = {"data_dir": data_dir, "batch_size": 2, "trials": 0, "names": CHEAP}
    evaluate_timesteps(model, "synthetic", "validation", (1, 2), tmp_path, **options)
    for t in (1, 2):
        alone = evaluate(model, "synthetic", "validation", timesteps=t, **options)
        stem = f"evaluation/synthetic-validation-mit-T{t}.json"
        together = json.loads((tmp_path / stem).read_text())
        for name, score in alone["scores"]["model"].items():
            mean = together["scores"]["model"][name]["mean"]
            assert mean == pytest.approx(score["mean"], rel=1e-3, abs=1e-4)


def test_scores_until_a_duration_are_of_the_fixations_begun_by_then(model, data_dir):
    options = {"data_dir": data_dir, "trials": 0, "names": ("NSS",)}
    early = evaluate(model, "synthetic", "validation", until_ms=0.0, **options)
    whole = evaluate(model, "synthetic", "validation", **options)
    assert early["split"] == "validation until 0 ms"
    late = evaluate(model, "synthetic", "validation", until_ms=1e9, **options)
    assert late["scores"]["model"] == whole["scores"]["model"] != early["scores"]["model"]

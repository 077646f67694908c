"""Summaries, files and tables of scores."""

import csv
import json

import numpy as np
import pytest

from samjax.evaluation.score_report import IDENTITY, summarise, write_per_image, write_summary
from samjax.evaluation.score_table import format_table
from samjax.evaluation.scores import Scores


@pytest.fixture
def scores(rng):
    hard = rng.normal(1, 1, 40)
    model = {"NSS": hard + 0.5, "KL": 1 - hard / 10}
    poor = {"NSS": hard, "KL": 3 - hard / 10}
    other = {"NSS": hard - 1, "KL": 2 - hard / 10}
    model["NSS"][3] = np.nan
    ids = [f"image {k}, a" for k in range(40)]
    values = {"model": model, "poor": poor, "other": other}
    return Scores(ids, values, [("image 3, a", "model")], np.arange(40.0))


def test_best_baseline_is_chosen_per_metric(scores):
    difference = summarise(scores, resamples=200)["difference"]
    assert difference["NSS"]["baseline"] == "poor"
    assert difference["KL"]["baseline"] == "other"
    assert difference["NSS"]["mean"] == pytest.approx(0.5)
    assert difference["NSS"]["images"] == 39
    assert difference["KL"]["mean"] == pytest.approx(-1)


def test_gain_over_fixations_is_that_of_all_fixations_pooled(rng):
    counts = np.array([3, 50, 0, 12])
    gains = [rng.normal(1, 1, n) for n in counts]
    per_image = np.array([g.mean() if g.size else np.nan for g in gains])
    scores = Scores(list("abcd"), {"model": {"IG": per_image}}, [], counts)
    found = summarise(scores, resamples=50)["over_fixations"]["model"]["IG"]
    assert found["mean"] == pytest.approx(np.concatenate(gains).mean())
    assert found["images"] == 3


def test_per_image_file_has_the_metrics(scores, tmp_path):
    write_per_image(tmp_path / "a.csv", scores, {"convention": "mit"})
    rows = list(csv.reader((tmp_path / "a.csv").read_text().splitlines()))
    assert rows[0] == ["image_id", "NSS", "KL", *IDENTITY]
    assert len(rows) == 41
    assert rows[4][:2] == ["image 3, a", ""]
    assert float(rows[1][1]) == pytest.approx(scores.values["model"]["NSS"][0], rel=1e-5)


def test_summary_is_valid_json_without_nan(scores, tmp_path):
    scores.values["model"]["KL"][:] = np.nan
    write_summary(tmp_path / "a.json", summarise(scores, resamples=50))
    summary = json.loads((tmp_path / "a.json").read_text())
    assert summary["scores"]["model"]["KL"]["mean"] is None
    assert summary["images"] == 40
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_table_is_aligned(scores):
    lines = format_table(summarise(scores, resamples=50)).splitlines()
    assert lines[0].split() == ["NSS", "KL", "(low", "is", "good)"]
    assert [line.split()[0] for line in lines[1:4]] == ["model", "poor", "other"]
    assert lines[4].startswith("model - best")
    column = lines[0].index("KL")
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)

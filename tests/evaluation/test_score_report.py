"""Summaries and files of scores."""

import csv
import json

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.evaluation.score_report import (
    IDENTITY,
    check_comparable,
    compare,
    read_per_image,
    summarise,
    write_per_image,
)
from samjax.evaluation.scores import Scores
from samjax.files.json_file import write_json


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
    write_json(tmp_path / "a.json", summarise(scores, resamples=50))
    summary = json.loads((tmp_path / "a.json").read_text())
    assert summary["scores"]["model"]["KL"]["mean"] is None
    assert summary["images"] == 40
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_read_back_and_compared(scores, tmp_path):
    identity = {key: f"a {key}" for key in IDENTITY}
    write_per_image(tmp_path / "poor.csv", scores, identity, method="poor")
    file = read_per_image(tmp_path / "poor.csv")
    assert file.image_ids == scores.image_ids
    assert file.identity == identity
    reversed_scores = Scores(
        scores.image_ids[::-1],
        {"model": {name: v[::-1] for name, v in scores.values["model"].items()}},
        [],
        scores.num_fixations,
    )
    difference = compare(reversed_scores, identity, tmp_path / "poor.csv")
    assert difference["NSS"]["mean"] == pytest.approx(0.5, abs=1e-6)
    assert difference["NSS"]["images"] == 39
    assert difference["KL"]["p"] < 0.001


def test_files_that_differ_in_what_made_them_are_not_compared(scores, tmp_path):
    identity = {key: f"a {key}" for key in IDENTITY}
    write_per_image(tmp_path / "a.csv", scores, identity)
    with pytest.raises(UserError, match="different edition cannot be compared"):
        check_comparable(tmp_path / "a.csv", identity | {"edition": "another"})
    (tmp_path / "b.csv").write_text("image_id,NSS\na,1\n")
    for name in ("b.csv", "missing.csv"):
        with pytest.raises(UserError, match=name):
            read_per_image(tmp_path / name)

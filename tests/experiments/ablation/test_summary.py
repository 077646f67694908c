"""What the summary of an ablation refuses and keeps."""

import json

import numpy as np
import pytest

from experiments.ablation import summary
from experiments.ablation.rows import Row
from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.scores import Scores


def write_scores(path, image_ids):
    values = {"NSS": np.arange(len(image_ids), dtype=float)}
    scores = Scores(image_ids, {"model": values}, [], np.ones(len(image_ids)))
    score_report.write_per_image(path, scores, {})


def test_seeds_are_stacked(tmp_path):
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        write_scores(path, ["x", "y"])
    image_ids, scores = summary._stack_scores(paths)
    assert image_ids == ["x", "y"]
    assert scores["NSS"].tolist() == [[0, 1], [0, 1]]


def test_seeds_with_different_images_are_refused(tmp_path):
    write_scores(tmp_path / "a.csv", ["x", "y"])
    write_scores(tmp_path / "b.csv", ["x", "z"])
    with pytest.raises(UserError, match=r"b\.csv has other images than .*a\.csv"):
        summary._stack_scores([tmp_path / "a.csv", tmp_path / "b.csv"])


def test_costs_are_measured_once(config, tmp_path, monkeypatch):
    rows = [Row("retrain", "a", {"model.timesteps": 1}, [], None, 1)]
    measured = []

    def measure(networks):
        measured.extend(networks)
        return {name: {"seconds": network.model.timesteps} for name, network in networks.items()}

    monkeypatch.setattr(summary.cost, "measure", measure)
    for _ in range(2):
        costs = summary._measure_costs(config, tmp_path, rows)
    assert measured == ["model.timesteps=1"]
    assert json.loads((tmp_path / "costs.json").read_text()) == costs
    assert costs == {"model.timesteps=1": {"seconds": 1}}  # the config itself has two


def test_the_field_is_named_where_one_is_varied():
    rows = [Row("retrain", "", {"loss.nss": 0.0}, [], None, 0), Row("retrain", "", {}, [], None, 0)]
    assert summary._varied_field(rows) == "loss.nss"
    rows.append(Row("retrain", "", {"loss.cc": 0.0}, [], None, 0))
    assert summary._varied_field(rows) == ""

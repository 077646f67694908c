"""Ablations: grids, points that go on where they were, statistics, tables, and the programs."""

import csv
import json
import shutil

import numpy as np
import pytest
from tiny_training import data_dir, tiny_config  # noqa: F401

from experiments.ablation import grid, run, statistics, table
from experiments.ablation.points import Point, Target
from samjax.errors import UserError
from samjax.evaluation import intervals

T = "model.timesteps"


@pytest.fixture
def config(data_dir):  # noqa: F811
    config = tiny_config(data_dir, epochs=1.0, evaluate_every=1.0)
    return config


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A work folder in which T = 1, 2 were ablated in both modes, and its summary."""
    from tiny_training import prepare

    config = tiny_config(prepare(tmp_path_factory.mktemp("scenes")), epochs=1.0)
    workdir = tmp_path_factory.mktemp("ablation")
    return config, workdir, run.timesteps(config, workdir, (1, 2), seeds=2)


def test_a_grid_is_every_combination_in_the_order_written(config):
    settings = grid.from_grids(["model.timesteps=1,2;loss.nss=0,-1"], config)
    assert list(settings.values()) == [
        {T: 1, "loss.nss": 0.0}, {T: 1, "loss.nss": -1.0},
        {T: 2, "loss.nss": 0.0}, {T: 2, "loss.nss": -1.0},
    ]  # fmt: skip
    assert list(settings)[1] == "model.timesteps=1,loss.nss=-1.0"


def test_values_have_the_types_of_their_fields(config):
    axis = "loss.timestep_weights=(),(0.5,1.0);model.dilated=True;model.readout=relu"
    settings = list(grid.from_grids([axis], config).values())
    assert settings[1] == {
        "loss.timestep_weights": (0.5, 1.0), "model.dilated": True, "model.readout": "relu"
    }  # fmt: skip
    changed = grid.applied(config, settings[1])
    assert changed.loss.timestep_weights == (0.5, 1.0)
    assert config.loss.timestep_weights == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("model.timestep=1", "no field 'model.timestep'"),
        ("model.timesteps=a", "takes a int, not 'a'"),
        ("model.timesteps=1.5", "takes a int"),
        ("model.timesteps", "no axis"),
        ("", "empty"),
        ("train.seed=1,2", "--seeds"),
    ],
)
def test_what_is_no_grid_is_refused(config, text, says):
    with pytest.raises(UserError, match=says):
        grid.from_grids([text], config)


def test_rows_of_the_paper_fit_the_config(config):
    rows = grid.from_file("configs/ablations/paper.py", config)
    assert len({grid.text(setting) for setting in rows.values()}) == len(rows) == 11
    for setting in rows.values():
        grid.applied(config, setting)


def test_every_point_has_its_folder():
    point = Point({T: 1}, 2)
    assert point.name == "model.timesteps=1,train.seed=2"
    long = [Point({"data.train": "x" * 300 + end}, 0).name for end in "ab"]
    assert long[0] != long[1]
    assert max(map(len, long)) <= 200


def test_shards_share_the_points():
    points = [Point({T: t}, s) for t in (1, 2, 3) for s in (0, 1)]
    shares = [run._share(points, f"{i}/4") for i in range(4)]
    assert sorted(p.name for share in shares for p in share) == sorted(p.name for p in points)
    for wrong in ("4/4", "1", "a/b", "-1/2"):
        with pytest.raises(UserError, match="--shard"):
            run._share(points, wrong)


def test_one_seed_has_the_interval_over_images():

    values = np.random.default_rng(0).normal(size=200)
    ours, theirs = statistics.estimate(values[None]), intervals.interval(values)
    assert ours["mean"] == pytest.approx(theirs.mean)
    assert ours["low"] == pytest.approx(theirs.low, abs=0.01)
    assert ours["high"] == pytest.approx(theirs.high, abs=0.01)


def test_seeds_that_disagree_widen_the_interval():
    images = np.random.default_rng(0).normal(size=400) * 0.01
    same = statistics.estimate(np.stack([images, images, images]))
    apart = statistics.estimate(np.stack([images - 1, images, images + 1]))
    assert same["high"] - same["low"] < 0.01
    # Three seeds drawn from -1, 0, 1: their mean has a standard deviation of sqrt(2 / 3 / 3).
    assert apart["high"] - apart["low"] == pytest.approx(2 * 1.96 * np.sqrt(2) / 3, rel=0.3)


def test_what_images_have_in_common_cancels_in_differences():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(1, 300)) * 10
    theirs = images + rng.normal(size=(3, 300)) * 0.1
    gap = statistics.difference(theirs + 0.05, theirs)
    assert gap["low"] == pytest.approx(0.05)
    assert gap["p"] < 0.001


def test_missing_scores_are_left_out():
    scores = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 5.0]])
    assert statistics.estimate(scores)["images"] == 2
    assert statistics.estimate(scores)["mean"] == 2.5
    assert statistics.estimate(np.full((2, 1), np.nan))["images"] == 0


def test_the_table_has_every_timestep_in_both_modes(done):
    _, workdir, summary = done
    rows = [(row["mode"], row["label"]) for row in summary["rows"]]
    assert rows == [("retrain", "T=1"), ("retrain", "T=2"), ("readout", "T=1"), ("readout", "T=2")]
    assert not summary["rows"][0]["difference"]
    assert summary["rows"][1]["reference"] == "T=1"
    lines = list(csv.DictReader((workdir / "table.csv").read_text().splitlines()))
    assert [line["setting"] for line in lines] == ["T=1", "T=2", "T=1", "T=2"]
    assert float(lines[1]["NSS"]) == pytest.approx(summary["rows"][1]["scores"]["NSS"]["mean"])
    for name in ("plot.png", "plot.pdf", "table.md", "table.tex", "table.json"):
        assert (workdir / name).stat().st_size > 500


def test_the_last_timestep_read_out_is_the_model_itself(done):
    rows = {(row["mode"], row["label"]): row["scores"] for row in done[2]["rows"]}
    for name, score in rows["retrain", "T=2"].items():
        assert rows["readout", "T=2"][name]["mean"] == pytest.approx(score["mean"], rel=1e-5)


def test_a_timestep_costs_arithmetic_and_no_parameters(done):
    one, two = (row["cost"] for row in done[2]["rows"][:2])
    assert one["parameters"] == two["parameters"]
    assert one["multiply_adds"] < two["multiply_adds"]


def test_an_interrupted_ablation_gives_the_same_table(done, tmp_path):
    """One point is gone, another was stopped before it was scored."""
    config, workdir, summary = done
    again = tmp_path / "again"
    shutil.copytree(workdir, again)
    shutil.rmtree(again / "points/model.timesteps=1,train.seed=1")
    shutil.rmtree(again / "points/model.timesteps=2,train.seed=0/evaluation")
    (again / "table.csv").unlink()
    assert run.timesteps(config, again, (1, 2), seeds=2) == summary
    assert (again / "table.csv").read_text() == (workdir / "table.csv").read_text()


def test_a_table_waits_for_the_points_of_other_shards(config, tmp_path, capsys):
    settings = grid.from_grids(["model.gaussians=0,2"], config)
    assert run.sweep(config, tmp_path, settings, shard="1/2") is None
    assert "1 points are left to other shards, model.gaussians=0" in capsys.readouterr().err
    assert not (tmp_path / "table.json").exists()
    summary = run.sweep(config, tmp_path, settings, shard="0/2")
    assert [row["x"] for row in summary["rows"]] == [0, 2]
    assert summary["field"] == "model.gaussians"


def test_a_folder_of_another_config_is_refused(done):
    config, workdir, _ = done
    other = config.copy_and_resolve_references()
    other.loss.nss = -5.0
    with pytest.raises(UserError, match=r"loss.nss is -1.0, not -5.0; use another --workdir"):
        run.timesteps(other, workdir, (1, 2), seeds=2)


def test_latex_and_markdown_hold_the_same_cells(done):
    summary = done[2]
    mean = f"{summary['rows'][0]['scores']['NSS']['mean']:.3f}"
    assert mean in table.markdown(summary)
    assert mean in table.latex(summary)
    assert table.latex(summary).count(r"\\") == 1 + len(table.grid_of(summary)) - 1
    assert json.loads(json.dumps(summary))["dataset"] == "synthetic"


def test_scores_are_found_where_evaluation_writes_them(done):
    _, workdir, _ = done
    target = Target("synthetic", "validation", "mit")
    assert Point({T: 2}, 0).scores(workdir, target, 1).name == "synthetic-validation-mit-T1.csv"
    assert Point({T: 2}, 0).scores(workdir, target, 1).is_file()


def test_wrong_timesteps_are_refused(config, tmp_path):
    for wrong in ((), (0, 1), (2, 2)):
        with pytest.raises(UserError, match="--timesteps"):
            run.timesteps(config, tmp_path, wrong)
    with pytest.raises(UserError, match="--mode=all"):
        run.timesteps(config, tmp_path, (1,), mode="all")

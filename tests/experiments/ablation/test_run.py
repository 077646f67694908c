"""A whole ablation: its table, its resumption and its shards, and the options it refuses."""

import csv
import shutil

import pytest

from experiments.ablation import grid, run
from experiments.ablation.points import Point, Target, check_same, read_scores
from samjax.errors import UserError

T = "model.timesteps"
TARGET = Target("synthetic", "validation", "mit")


def test_shards_share_the_points():
    points = [Point({T: t}, s) for t in (1, 2, 3) for s in (0, 1)]
    shards = [run.select_shard(points, f"{i}/4") for i in range(4)]
    assert sorted(p.name for shard in shards for p in shard) == sorted(p.name for p in points)
    for wrong in ("4/4", "1", "a/b", "-1/2"):
        with pytest.raises(UserError, match="--shard"):
            run.select_shard(points, wrong)


def test_the_table_has_every_timestep_in_both_modes(ablated):
    _, workdir, summary = ablated
    rows = [(row["mode"], row["label"]) for row in summary["rows"]]
    assert rows == [("retrain", "T=1"), ("retrain", "T=2"), ("readout", "T=1"), ("readout", "T=2")]
    assert [row["seeds"] for row in summary["rows"]] == [2] * 4
    assert not summary["rows"][0]["difference"]
    assert summary["rows"][1]["reference"] == "T=1"
    lines = list(csv.DictReader((workdir / "table.csv").read_text().splitlines()))
    assert [line["setting"] for line in lines] == ["T=1", "T=2", "T=1", "T=2"]
    assert float(lines[1]["NSS"]) == pytest.approx(summary["rows"][1]["scores"]["NSS"]["mean"])
    for name in ("plot.png", "plot.pdf", "table.md", "table.tex", "table.json"):
        assert (workdir / name).stat().st_size > 500


def test_the_last_timestep_read_out_is_the_model_itself(ablated):
    rows = {(row["mode"], row["label"]): row["scores"] for row in ablated.summary["rows"]}
    for name, score in rows["retrain", "T=2"].items():
        # The same map, once as the model's own and once as one of all timesteps: two programs. IG
        # is a small difference of large numbers, which keeps their error, and pixels that are
        # nearly equal may change places, which an area under a curve counts.
        expected = pytest.approx(score["mean"], rel=1e-4, abs=1e-4)
        assert rows["readout", "T=2"][name]["mean"] == expected


def test_seeds_are_trainings_of_their_own(ablated):
    paths = [Point({T: 2}, seed).scores_path(ablated.workdir, TARGET) for seed in (0, 1)]
    first, second = (read_scores(path)[1]["NSS"] for path in paths)
    assert (first != second).all()


def test_a_timestep_costs_arithmetic_and_no_parameters(ablated):
    one, two = (row["cost"] for row in ablated.summary["rows"][:2])
    assert one["parameters"] == two["parameters"]
    assert one["multiply_adds"] < two["multiply_adds"]
    assert min(one["seconds"], one["memory_bytes"]) > 0


def test_an_interrupted_ablation_gives_the_same_table(ablated, tmp_path):
    """One point is gone, another was stopped before it was scored."""
    config, workdir, summary = ablated
    again = tmp_path / "again"
    shutil.copytree(workdir, again)
    shutil.rmtree(again / "points/model.timesteps=2,train.seed=0")
    shutil.rmtree(again / "points/model.timesteps=1,train.seed=1/evaluation")
    (again / "table.csv").unlink()
    assert run.timesteps(config, again, (1, 2), seeds=2) == summary
    assert (again / "table.csv").read_text() == (workdir / "table.csv").read_text()


def test_a_table_waits_for_the_points_of_other_shards(ablated, tmp_path, capsys):
    again = tmp_path / "again"
    shutil.copytree(ablated.workdir, again)
    for name in ("table.json", "plot.png"):
        (again / name).unlink()
    shutil.rmtree(again / "points/model.timesteps=1,train.seed=0/evaluation")
    settings = grid.from_grids(["model.timesteps=1,2"], ablated.config)
    assert run.sweep(ablated.config, again, settings, shard="1/2") is None
    assert "1 points are left to other shards, model.timesteps=1" in capsys.readouterr().err
    assert not (again / "table.json").exists()
    summary = run.sweep(ablated.config, again, settings, shard="0/2")
    assert [row["x"] for row in summary["rows"]] == [1, 2]
    assert summary["field"] == "model.timesteps"
    assert (again / "plot.png").exists()


def test_wrong_timesteps_are_refused(config, tmp_path):
    for wrong in ((), (0, 1), (2, 2)):
        with pytest.raises(UserError, match="--timesteps"):
            run.timesteps(config, tmp_path, wrong)
    with pytest.raises(UserError, match="--mode=all"):
        run.timesteps(config, tmp_path, (1,), mode="all")


def test_a_wrong_value_of_the_last_row_is_told_before_the_first_is_trained(ablated, tmp_path):
    settings = {"right": {}, "wrong": {"model.readout": "rleu"}}
    with pytest.raises(UserError, match=r"model.readout='rleu' .*did you mean relu"):
        run.sweep(ablated.config, tmp_path, settings)
    assert not list(tmp_path.iterdir())


def test_a_file_of_rows_that_cannot_be_run_is_named(ablated, tmp_path):
    wrong = {"ROWS = {": "SyntaxError", "ROWS = {1: {}}": "row 1", "x": "NameError"}
    for text, says in wrong.items():
        (tmp_path / "rows.py").write_text(text)
        with pytest.raises(UserError, match=f"rows.py.*{says}"):
            grid.from_file(tmp_path / "rows.py", ablated.config)


def test_scores_are_where_evaluation_writes_them(ablated):
    path = Point({T: 2}, 0).scores_path(ablated.workdir, TARGET, 1)
    assert path.is_file()


def test_a_folder_of_another_config_is_refused(ablated):
    point = Point({T: 1}, 0)
    config = point.config(ablated.config)
    check_same(config, point.folder(ablated.workdir))
    config = config.copy_and_resolve_references()
    config.loss.nss = -5.0
    with pytest.raises(UserError, match=r"loss.nss is -1.0, not -5.0; use another --workdir"):
        check_same(config, point.folder(ablated.workdir))

"""Grids and rows become settings with values of the right types."""

import pytest

from experiments.ablation import grid
from samjax.errors import UserError

T = "model.timesteps"


def test_a_grid_is_every_combination_in_the_order_written(config):
    settings = grid.from_grids(["model.timesteps=1,2;loss.nss=0,-1"], config)
    assert list(settings.values()) == [
        {T: 1, "loss.nss": 0.0},
        {T: 1, "loss.nss": -1.0},
        {T: 2, "loss.nss": 0.0},
        {T: 2, "loss.nss": -1.0},
    ]
    assert list(settings)[1] == "model.timesteps=1,loss.nss=-1.0"


def test_what_grids_have_in_common_is_there_once(config):
    settings = grid.from_grids(["model.timesteps=1,2", "model.timesteps=2,3"], config)
    assert [setting[T] for setting in settings.values()] == [1, 2, 3]


def test_values_have_the_types_of_their_fields(config):
    axis = "augment.zoom=(0.5,1.0),(1.0,1.0);model.dilated=True;model.readout=relu"
    settings = list(grid.from_grids([axis], config).values())
    expected = {"augment.zoom": (0.5, 1.0), "model.dilated": True, "model.readout": "relu"}
    assert settings[0] == expected
    changed = grid.apply_setting(config, settings[0])
    assert changed.augment.zoom == (0.5, 1.0)
    assert config.augment.zoom == (0.8, 1.3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model.timestep=1", "no field 'model.timestep'"),
        ("model.timesteps=a", "takes a int, not 'a'"),
        ("model.timesteps=1.5", "takes a int"),
        ("model.timesteps", "no axis"),
        ("", "empty"),
        ("train.seed=1,2", "--seeds"),
    ],
)
def test_what_is_no_grid_is_refused(config, text, message):
    with pytest.raises(UserError, match=message):
        grid.from_grids([text], config)


def test_rows_of_the_paper_fit_the_config(config):
    rows = grid.from_file("configs/ablations/paper.py", config)
    assert len({grid.setting_name(setting) for setting in rows.values()}) == len(rows) == 11
    for setting in rows.values():
        grid.apply_setting(config, setting)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.py", None, "no such file"),
        ("rows.py", "ROWS = {}", "has no ROWS"),
        ("rows.txt", "ROWS = {'a': {}}", "end in .py"),
    ],
)
def test_what_is_no_file_of_rows_is_refused(config, tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        grid.from_file(tmp_path / name, config)

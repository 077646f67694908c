"""Which points an ablation trains, and which rows its table has."""

from experiments.ablation import rows
from experiments.ablation.rows import TIMESTEPS

SETTINGS = {"T=1": {TIMESTEPS: 1}, "T=3": {TIMESTEPS: 3}, "T=2": {TIMESTEPS: 2}}


def test_every_setting_has_a_point_for_each_seed():
    points = rows.make_points(SETTINGS, first_seed=5, seeds=2, readout=(1, 3), retrain=True)
    assert list(points) == ["T=1", "T=3", "T=2"]
    assert [point.seed for point in points["T=1"]] == [5, 6]
    assert points["T=1"][0].timesteps == ()
    assert points["T=3"][0].timesteps == (1, 3)


def test_reading_out_needs_only_the_model_with_the_most_timesteps():
    points = rows.make_points(SETTINGS, first_seed=0, seeds=1, readout=(1, 2), retrain=False)
    assert list(points) == ["T=3"]
    table = rows.make_rows(points, SETTINGS, readout=(1, 2), retrain=False)
    assert [(row.mode, row.label, row.timestep, row.x) for row in table] == [
        ("readout", "T=1", 1, 1),
        ("readout", "T=2", 2, 2),
    ]
    assert table[0].setting == {TIMESTEPS: 1}


def test_a_plot_has_an_axis_where_one_numeric_field_is_varied():
    assert rows.axis_value({"loss.nss": -1.0}) == -1.0
    assert rows.axis_value({"model.readout": "relu"}) is None
    assert rows.axis_value({"model.dilated": True}) is None
    assert rows.axis_value({"loss.nss": 0.0, "loss.cc": 0.0}) is None

"""A point has a folder of its own, and keeps to the config that it was made with."""

from experiments.ablation.points import Point, Target, is_complete

T = "model.timesteps"
TARGET = Target("synthetic", "validation", "mit")


def test_every_point_has_its_folder():
    point = Point({T: 1}, 2)
    assert point.name == "model.timesteps=1,train.seed=2"
    long_names = [Point({"data.train": "x" * 300 + end}, 0).name for end in "ab"]
    assert long_names[0] != long_names[1]
    assert max(map(len, long_names)) <= 200


def test_a_points_config_has_its_setting_and_its_seed(config):
    changed = Point({T: 1}, 7).config(config)
    assert (changed.model.timesteps, changed.train.seed) == (1, 7)
    assert (config.model.timesteps, config.train.seed) == (2, 0)


def test_a_point_is_complete_with_the_scores_of_all_its_timesteps(tmp_path):
    point = Point({T: 2}, 0, timesteps=(1,))
    paths = [point.scores_path(tmp_path, TARGET, timestep) for timestep in (None, 1)]
    assert paths[1].name == "synthetic-validation-mit-T1.csv"
    for path in paths:
        assert not is_complete(point, tmp_path, TARGET)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert is_complete(point, tmp_path, TARGET)

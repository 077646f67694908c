"""A config is read back as it was written, and older ones under today's names."""

import json

import pytest

from configs import base
from samjax.errors import UserError
from samjax.training.config_file import CONFIG, RENAMED, differences, load_config, save_config


def test_a_saved_config_is_read_back_the_same(tmp_path):
    config = base.get_config()
    config.loss.timestep_weights = (0.5, 0.0, 0.0, 1.0)
    save_config(config, tmp_path)
    assert load_config(tmp_path) == config


def test_fields_of_older_work_folders_have_todays_names(tmp_path):
    fields = json.loads(base.get_config().to_json())
    for number, (old, new) in enumerate(RENAMED.items()):
        section, old_name = old.split(".")
        del fields[section][new.split(".")[1]]
        fields[section][old_name] = [number, 1.5]
    (tmp_path / CONFIG).write_text(json.dumps(fields))
    config = load_config(tmp_path)
    for number, new in enumerate(RENAMED.values()):
        section, name = new.split(".")
        assert config[section][name] == (number, 1.5)
    assert set(config.loss) == set(base.get_config().loss)


def test_new_names_are_fields_and_old_ones_are_not():
    config = base.get_config()
    for old, new in RENAMED.items():
        section, name = new.split(".")
        assert name in config[section]
        assert old.split(".")[1] not in config[section]


def test_differences_name_the_field_and_both_values():
    assert differences({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ["b is 3, not 2"]
    assert differences({"a": 1}, {}) == ["a is None, not 1"]


def test_a_folder_without_a_config_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"has no config\.json"):
        load_config(tmp_path)

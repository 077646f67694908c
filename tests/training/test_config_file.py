"""A config is read back as it was written, and older ones under today's names."""

import json

import pytest

from configs import base
from samjax.errors import UserError
from samjax.training.config_file import (
    ADDED,
    CONFIG,
    RENAMED,
    differences,
    load_config,
    save_config,
)


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


def written(folder, change):
    """Write a config that a function changed in its nested dictionaries."""
    fields = json.loads(base.get_config().to_json())
    change(fields)
    (folder / CONFIG).write_text(json.dumps(fields))


def test_fields_that_came_later_have_the_value_of_before(tmp_path):
    def take_out(fields):
        for field in ADDED:
            section, name = field.split(".")
            del fields[section][name]

    written(tmp_path, take_out)
    config = load_config(tmp_path)
    for field, value in ADDED.items():
        section, name = field.split(".")
        assert config[section][name] == value
    assert set(config.data) == set(base.get_config().data)


@pytest.mark.parametrize("text", ["", "{", '{"model": {', "\udcff\udcfe", "[" * 100_000])
def test_a_damaged_config_is_told_in_one_line(tmp_path, text):
    (tmp_path / CONFIG).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UserError, match=r"config\.json is damaged, it is not JSON; give the"):
        load_config(tmp_path)


@pytest.mark.parametrize("text", ["[]", "7", "null", '{"model": 3}'])
def test_json_that_is_no_config_is_told(tmp_path, text):
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(UserError, match=r"config\.json is damaged, it has no sections"):
        load_config(tmp_path)


def test_a_field_that_is_missing_or_not_known_is_named(tmp_path):
    written(tmp_path, lambda fields: fields["model"].pop("readout"))
    with pytest.raises(UserError, match=r"has no model\.readout; add the field"):
        load_config(tmp_path)
    written(tmp_path, lambda fields: fields["model"].update(reedout="relu"))
    with pytest.raises(UserError, match=r"has model\.reedout, a field that this samjax does not"):
        load_config(tmp_path)
    written(tmp_path, lambda fields: fields.update(modle={"readout": "relu"}))
    with pytest.raises(UserError, match=r"has modle\.readout"):
        load_config(tmp_path)


def test_every_field_is_known(tmp_path):
    # A field that is added to configs/base.py needs a line in ADDED: what holds without it.
    written(tmp_path, lambda fields: None)
    assert load_config(tmp_path) == base.get_config()

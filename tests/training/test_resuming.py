"""A run goes on only as what its checkpoint is, and begins anew only where it is told to."""

import json

import pytest

from configs import base
from samjax.errors import UserError
from samjax.training.config_file import save_config
from samjax.training.record import MadeWith, Record
from samjax.training.resuming import MAY_CHANGE, SHOWN, check_same_run, flat, set_aside

DATA = {"train": {"osie": {"version": "1.0.0", "images": 500, "fixations": None, "digest": "3f"}}}


def saved(config=None, data=None) -> Record:
    """The record of a checkpoint, as it is read from its JSON."""
    made_with = MadeWith((config or base.get_config()).to_dict(), data or DATA)
    return Record(8, None, [], MadeWith(*json.loads(json.dumps(made_with))), {})


def complaint(record: Record, config, workdir, data=None) -> str:
    with pytest.raises(UserError) as error:
        check_same_run(record, MadeWith(config.to_dict(), data or DATA), workdir)
    assert "\n" not in str(error.value)
    return str(error.value)


def changed(field: str):
    """A config in which one field has another value of its type."""
    config = base.get_config()
    *section, name = field.split(".")
    fields = config[section[0]] if len(section) == 1 else config[section[0]][section[1]]
    value = fields[name]
    with fields.unlocked():
        match value:
            case bool():
                fields[name] = not value
            case str():
                fields[name] = f"{value}x"
            case tuple():
                fields[name] = (*value, 1)
            case _:
                fields[name] = (value or 0) + 1
    return config


@pytest.mark.parametrize("field", sorted(flat(base.get_config().to_dict())))
def test_each_field_is_free_or_refused_with_both_values(tmp_path, field):
    config = changed(field)
    if field in MAY_CHANGE:
        check_same_run(saved(), MadeWith(config.to_dict(), DATA), tmp_path)
    else:
        # Tuples are lists in JSON.
        before, after = (flat(c.to_dict())[field] for c in (base.get_config(), config))
        message = complaint(saved(), config, tmp_path)
        assert f"something else: {field} {before!r} -> {after!r}; give" in message
        assert "--restart" in message


def test_fields_that_may_change_are_fields():
    assert set(MAY_CHANGE) <= set(flat(base.get_config().to_dict()))


def test_many_differences_are_counted(tmp_path):
    config = base.get_config()
    config.augment.update(flip=False, crop=True, rotation=1.0, brightness=1.0, contrast=1.0)
    config.loss.update(kl=1.0, cc=0.0, nss=0.0, log_likelihood=1.0)
    message = complaint(saved(), config, tmp_path)
    assert message.count("->") == SHOWN
    assert "and 1 more; give" in message


@pytest.mark.parametrize(
    ("fact", "value"), [("version", "1.1.0"), ("images", 499), ("digest", "4a")]
)
def test_other_data_of_the_same_name_are_refused(tmp_path, fact, value):
    other = {"train": {"osie": DATA["train"]["osie"] | {fact: value}}}
    message = complaint(saved(), base.get_config(), tmp_path, other)
    assert f"{fact} of osie (train) {DATA['train']['osie'][fact]!r} -> {value!r}" in message


def test_a_fact_that_is_not_known_is_no_difference(tmp_path):
    other = {"train": {"osie": DATA["train"]["osie"] | {"digest": None, "fixations": 9}}}
    check_same_run(saved(), MadeWith(base.get_config().to_dict(), other), tmp_path)


def test_a_checkpoint_of_a_former_version_is_what_config_json_says(tmp_path):
    former = Record(8, None, [], MadeWith({}, {}), None)
    config = base.get_config()
    check_same_run(former, MadeWith(config.to_dict(), DATA), tmp_path)  # nothing is known
    save_config(config, tmp_path)
    check_same_run(former, MadeWith(config.to_dict(), DATA), tmp_path)
    config.model.readout = "relu"
    assert "model.readout 'density' -> 'relu'" in complaint(former, config, tmp_path)


def test_a_field_that_came_later_has_the_value_of_before(tmp_path):
    fields = json.loads(base.get_config().to_json())
    del fields["data"]["buckets"], fields["train"]["space"]
    record = Record(8, None, [], MadeWith(fields, {}), {})
    config = base.get_config()
    check_same_run(record, MadeWith(config.to_dict(), DATA), tmp_path)
    config.data.buckets = ((320, 240),)
    assert "data.buckets [] -> [[320, 240]]" in complaint(record, config, tmp_path)


def test_another_length_under_a_schedule_that_depends_on_it_is_told(tmp_path, capsys):
    config = base.get_config()
    config.train.epochs = 20.0
    check_same_run(saved(), MadeWith(config.to_dict(), DATA), tmp_path)
    told = capsys.readouterr().err
    assert told.startswith("train.epochs 10.0 -> 20.0: from step 8 on")
    config.train.schedule = "constant"
    check_same_run(saved(config), MadeWith(config.to_dict(), DATA), tmp_path)
    assert capsys.readouterr().err == ""


def test_what_is_set_aside_is_the_run_and_nothing_else(tmp_path, capsys):
    for number in (1, 2):
        (tmp_path / "checkpoints/8").mkdir(parents=True)
        (tmp_path / "evaluation").mkdir()
        for name in ("config.json", "metrics.jsonl", "notes.txt"):
            (tmp_path / name).write_text(name)
        set_aside(tmp_path)
        aside = tmp_path / f"replaced-{number}"
        assert {path.name for path in aside.iterdir()} == {
            "checkpoints",
            "evaluation",
            "config.json",
            "metrics.jsonl",
        }
        assert capsys.readouterr().err == f"the old run is kept in {aside}\n"
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "replaced-1", "replaced-2"}


def test_there_may_be_nothing_to_set_aside(tmp_path):
    set_aside(tmp_path)
    assert list(tmp_path.iterdir()) == []

"""Every field has a rule, and no value that it forbids gets further than the first check."""

from pathlib import Path

import jax
import pytest
from command_line import Refused, config_of
from ml_collections import ConfigDict
from wrong_values import wrong_values

from configs import base
from samjax.errors import UserError
from samjax.training.config import model_fields, read_experiment
from samjax.training.config_check import check_config, check_section, flat
from samjax.training.field_checks import SHOWN, Choice, shown
from samjax.training.rules import RULES

BASE = Path(__file__).parents[2] / "configs" / "base.py"
ONE_DEVICE = jax.devices()[:1]
# What is typed on a command line, whatever the field.
TYPED = ("", "xyzzy", "nan", "-1", "1e400", "(nan,)", "None")


def changed(field: str, value: object) -> ConfigDict:
    """The default configuration with one field of any value and type.

    It is made from a dict, because assigning to a field of a ConfigDict converts some types.
    """
    fields = base.get_config().to_dict()
    *path, name = field.split(".")
    section = fields
    for part in path:
        section = section[part]
    section[name] = value
    return ConfigDict(fields)


def refusal(config: ConfigDict) -> str:
    """What the real entry says to a configuration, which it has to refuse in one line."""
    with pytest.raises(UserError) as caught:
        read_experiment(config, ONE_DEVICE)
    (line,) = str(caught.value).splitlines()
    return line


def test_every_field_has_a_rule_and_every_rule_a_field():
    assert set(RULES) == set(flat(base.get_config().to_dict()))


@pytest.mark.parametrize("field", RULES)
def test_no_wrong_value_passes(field):
    rule = RULES[field]
    for value in wrong_values(rule):
        line = refusal(changed(field, value))
        assert line.startswith(f"{field}={shown(value)} is not allowed"), (value, line)
        assert line.endswith(f"; use {rule.allowed}")
        assert len(line) < 200 + SHOWN + len(rule.allowed)


def command_line_says(*arguments: str) -> str:
    """The one line that a command line ends in, before any work, or "" if it is accepted."""
    try:
        check_config(config_of(f"--config={BASE}", *arguments))
    except Refused as refused:
        status, printed = refused.args
        return printed if status == 2 else f"status {status}"
    except UserError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("field", RULES)
def test_the_command_line_ends_in_one_line_whatever_is_typed(field):
    for text in TYPED:
        said = command_line_says(f"--config.{field}={text}")
        if said:
            assert len(said.splitlines()) == 1, said
            assert field.split(".")[-1] in said
        else:
            config = config_of(f"--config={BASE}", f"--config.{field}={text}")
            assert RULES[field].fits(flat(config.to_dict())[field])


def test_a_field_without_a_rule_is_refused():
    config = base.get_config().unlock()
    config.train.learning_rat = 0.1
    assert refusal(config).startswith(
        "the configuration has no field train.learning_rat (did you mean train.learning_rate?)"
    )


def test_a_missing_field_is_named():
    config = base.get_config().unlock()
    del config.train.keep
    assert "has no train.keep" in refusal(config)


@pytest.mark.parametrize("name", ["model", "train.factors"])
def test_a_value_in_place_of_a_group_is_refused(name):
    for value in (3, None, ()):
        assert refusal(changed(name, value)).startswith(f"{name}={value} is not allowed; set its ")


@pytest.mark.parametrize(
    ("field", "typo", "meant"),
    [
        ("model.readout", "rleu", "relu"),
        ("model.norm", "bach", "batch"),
        ("model.norm_statistics", "frozn", "frozen"),
        ("train.monitor", "NNS", "NSS"),
    ],
)
def test_a_typing_error_gets_a_suggestion(field, typo, meant):
    assert f"{field}={typo!r} is not allowed (did you mean {meant}?)" in refusal(
        changed(field, typo)
    )


def test_every_choice_is_accepted():
    for field, rule in RULES.items():
        for name in rule.names if isinstance(rule, Choice) else ():
            check_config(changed(field, name))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"data.fold": 3}, r"data.fold=3 is none of data.folds=0; use 0, or set"),
        ({"data.folds": 5, "data.fold": 5}, r"data.fold=5 is none of data.folds=5; use 0 to 4"),
        ({"data.folds": 1}, r"data.folds=1 leaves nothing to train on"),
        ({"train.warmup_epochs": 20.0}, r"train.warmup_epochs=20 .* use at most 10"),
        ({"loss.kl": 0.0, "loss.cc": 0.0, "loss.nss": 0.0}, "are all 0, so nothing would learn"),
        ({"loss.timestep_weights": (1.0,)}, "1 values for 4 timesteps"),
        ({"loss.timestep_weights": (0.0,) * 4}, "are all 0; give one"),
        (
            {"loss.viewing_times_ms": (1.0,) * 4},
            r"set --config.loss.timestep_weights='\(1,1,1,1,\)",
        ),
        ({"train.factors": dict.fromkeys(base.get_config().train.factors, 0.0)}, "are all 0"),
        (
            {"model.backbone": "vgg_tiny", "model.backbone_weights": "imagenet"},
            "not published for model.backbone='vgg_tiny'; use the backbone vgg16 or resnet50",
        ),
        ({"model.backbone_weights": "imagnet"}, r"no published name \(did you mean imagenet\?\)"),
        ({"train.start_from": "sam-vgg_salicn"}, r"did you mean sam-vgg_salicon\?"),
    ],
)
def test_fields_that_do_not_go_together_are_named(fields, message):
    config = base.get_config().unlock()
    for field, value in fields.items():
        section, name = field.split(".")
        config[section][name] = value
    with pytest.raises(UserError, match=message):
        check_config(config)


def test_the_last_value_of_a_field_counts_on_the_command_line():
    given = ["--config.data.input_size=(48,64)", "--config.train.seed=1"]
    given += ["--config.data.input_size=(96,128)", "--config.train.seed=2"]
    config = config_of(f"--config={BASE}", *given)
    assert config.data.input_size == (96, 128)
    assert config.train.seed == 2


def test_the_network_of_an_older_work_folder_is_checked_too():
    section = base.get_config().model.to_dict()
    del section["remat"]  # a field that it had not
    check_section("model", section)
    old = ConfigDict({"model": section})
    assert "remat" not in model_fields(old)
    old.model.readout = "rleu"
    with pytest.raises(UserError, match=r"model.readout='rleu' is not allowed"):
        model_fields(old)

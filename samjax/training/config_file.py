"""The config in a work folder: `config.json`, and older ones that had other fields.

Each checkpoint carries the config that it was made with (see `record`), and that one counts;
`config.json` is for people, and for checkpoints of former versions, which carry none.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from samjax.errors import UserError
from samjax.files.atomic import write_atomic

CONFIG = "config.json"

# Fields of older work folders, by the names that they have now. A field is 'section.name'.
RENAMED = {
    "loss.timesteps": "loss.timestep_weights",
    "loss.durations": "loss.viewing_times_ms",
}

FIRST = {
    "model": "backbone norm norm_statistics stride_on features timesteps attention_scale remat "
    "unroll gaussians priors dropout readout upsampling alignment normalization dtype",
    "loss": "kl cc nss log_likelihood collapse_repeats",
    "data": "data_dir train train_split validation validation_split input_size threads workers",
    "augment": "flip zoom brightness contrast saturation grey",
    "train": "seed batch_size epochs optimizer learning_rate schedule warmup_epochs boundaries "
    "weight_decay factors clip_norm accumulate ema_decay monitor patience evaluate_every log_every "
    "checkpoint_every keep pictures max_steps",
}
"""The fields that every work folder has, by section."""

ADDED: dict[str, Any] = {
    "model.backbone_weights": "none",
    "model.dilated": True,
    "loss.timestep_weights": (),
    "loss.viewing_times_ms": (),
    "distill.teacher": "",
    "distill.weight": 10.0,
    "distill.mix": 0.0,
    "data.buckets": (),
    "data.reduced_decoding": True,  # within .4 grey levels of what they had
    "data.cache_mib": 0.0,
    "data.folds": 0,
    "data.fold": 0,
    "data.subjects": (),
    "augment.crop": False,
    "augment.rotation": 0.0,
    "augment.views": 0,
    "train.start_from": "",
    "train.space": 1,
    "train.shard_optimizer": False,
    "train.offline": False,
    "train.cache_features": False,
    "train.cache_dtype": "float16",
    "train.cache_gib": 20.0,
    "train.cache_dir": "",
}
"""The fields that came later, with the value that holds for work folders without them."""


def save_config(config: ConfigDict, workdir: Path) -> None:
    """Write the resolved config to WORKDIR/config.json, whole or not at all."""
    write_atomic(workdir / CONFIG, json.dumps(config.to_dict(), indent=2) + "\n")


def load_config(workdir: Path) -> ConfigDict:
    """Return the locked config of a work folder, with today's names of the fields.

    Raises:
        UserError: The folder has no config, or it cannot be read.
    """
    path = Path(workdir) / CONFIG
    if not path.is_file():
        raise UserError(f"{workdir} is no work folder: it has no {CONFIG}; train into it first")
    try:
        fields = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:  # of the syntax, or of the encoding
        raise UserError(
            f"{path} is damaged, it is not JSON; give the training command again, which writes it"
        ) from error
    return parse_config(fields, path)


def parse_config(fields: Any, where: Path) -> ConfigDict:
    """Return a locked config that was written as JSON, with today's fields.

    Args:
        fields: What the JSON holds.
        where: The file that it comes from, for messages.

    Raises:
        UserError: It is no config, lacks a field, or has one that is not known.
    """
    if not isinstance(fields, dict) or not all(isinstance(s, dict) for s in fields.values()):
        raise UserError(f"{where} is damaged, it has no sections of fields; write it again")
    fields = todays_fields(fields)
    names = {f"{section}.{name}" for section, values in fields.items() for name in values}
    if missing := sorted(_known() - names):
        raise UserError(f"{where} has no {missing[0]}; add the field with the value of the run")
    if unknown := sorted(names - _known()):
        raise UserError(
            f"{where} has {unknown[0]}, a field that this samjax does not know; take it out, or "
            "use the version that wrote it"
        )
    return ConfigDict(_with_tuples(fields)).lock()


def todays_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with today's names, and with the fields that came after it was written."""
    config: dict[str, Any] = deepcopy(dict(fields))
    for old, new in RENAMED.items():
        section, old_name = old.split(".")
        values = config.get(section, {})
        if old_name in values:
            values[new.split(".")[1]] = values.pop(old_name)
    for field, value in ADDED.items():
        section, name = field.split(".")
        config.setdefault(section, {}).setdefault(name, value)
    return config


def differences(left: Mapping, right: Mapping) -> list[str]:
    """Return a line 'field is A, not B' for each field in which two configs differ.

    Args:
        left: The config that has the values B.
        right: The config that has the values A.
    """
    return [
        f"{field} is {right.get(field)!r}, not {left.get(field)!r}"
        for field in sorted({*left, *right})
        if left.get(field) != right.get(field)
    ]


def _known() -> set[str]:
    first = {f"{section}.{name}" for section, names in FIRST.items() for name in names.split()}
    return first | {*ADDED}


def _with_tuples(value: Any) -> Any:
    """JSON has no tuples, and no field of a config is a list."""
    if isinstance(value, dict):
        return {name: _with_tuples(v) for name, v in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value

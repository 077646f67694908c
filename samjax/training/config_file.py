"""The config in a work folder: `config.json`, and older ones whose fields had other names."""

import json
from collections.abc import Mapping
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


def save_config(config: ConfigDict, workdir: Path) -> None:
    """Write the resolved config to WORKDIR/config.json, whole or not at all."""
    write_atomic(workdir / CONFIG, json.dumps(config.to_dict(), indent=2) + "\n")


def load_config(workdir: Path) -> ConfigDict:
    """Return the locked config of a work folder, with today's names of the fields.

    Raises:
        UserError: The folder has no config.
    """
    path = Path(workdir) / CONFIG
    if not path.is_file():
        raise UserError(f"{workdir} is no work folder: it has no {CONFIG}; train into it first")
    fields = _rename(json.loads(path.read_text()))
    return ConfigDict(_with_tuples(fields)).lock()


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


def _rename(config: dict[str, Any]) -> dict[str, Any]:
    for old, new in RENAMED.items():
        section, old_name = old.split(".")
        fields = config.get(section, {})
        if old_name in fields:
            fields[new.split(".")[1]] = fields.pop(old_name)
    return config


def _with_tuples(value: Any) -> Any:
    """JSON has no tuples, and no field of a config is a list."""
    if isinstance(value, dict):
        return {name: _with_tuples(v) for name, v in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value

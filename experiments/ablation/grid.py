"""The settings of an ablation: grids of config fields, or a list of rows from a file.

    'model.timesteps=1,2,4;loss.nss=0,-1'     six settings: every combination

A setting is {field: value}, with values of the types that the config's fields have.
"""

import ast
import contextlib
import importlib.util
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from samjax.errors import UserError, one_line

Setting = dict[str, Any]

SEED = "train.seed"
OPENING_BRACKETS, CLOSING_BRACKETS = "([{", ")]}"


def from_grids(grids: Sequence[str], config: ConfigDict) -> dict[str, Setting]:
    """Return all combinations of each grid in the order written, by their names.

    Settings that several grids have in common are there once.

    Raises:
        UserError: A grid is malformed, or its fields or values do not fit the config.
    """
    settings = {}
    for grid in grids:
        for setting in _combinations(grid, config):
            settings[setting_name(setting)] = setting
    return settings


def from_file(path: str | Path, config: ConfigDict) -> dict[str, Setting]:
    """Return the settings of a Python file with ROWS = {label: {field: value}}, by their labels.

    Raises:
        UserError: There is no such file, it has no ROWS, or they do not fit the config.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file; it should hold ROWS = {{label: {{field: value}}}}")
    # Run from its path: the file lies anywhere, and need not be a module of a package.
    spec = importlib.util.spec_from_file_location("ablation_rows", path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} is no Python file; its name should end in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the file does
        kind = type(error).__name__
        raise UserError(f"{path} cannot be run ({kind}: {one_line(error)})") from error
    rows = getattr(module, "ROWS", None)
    if not isinstance(rows, dict) or not rows:
        raise UserError(f"{path} has no ROWS = {{label: {{field: value}}}}")
    settings = {}
    for label, row in rows.items():
        if not isinstance(label, str) or not isinstance(row, dict):
            raise UserError(f"{path}: row {label!r} is {row!r}; write label: {{field: value}}")
        settings[label] = {field: _typed(field, value, config) for field, value in row.items()}
    return settings


def apply_setting(config: ConfigDict, setting: Setting) -> ConfigDict:
    """Return a copy of the config with the values of the setting."""
    changed = config.copy_and_resolve_references()
    changed.update_from_flattened_dict(setting)
    return changed.lock()


def setting_name(setting: Setting) -> str:
    """Return a setting as text, 'model.timesteps=1,loss.nss=0.0'; a point's folder is called so."""
    return ",".join(f"{field}={_value_text(v)}" for field, v in setting.items()) or "as it is"


def _combinations(grid: str, config: ConfigDict) -> list[Setting]:
    """Return every combination of the values in a grid."""
    axes: dict[str, list] = {}
    for axis in filter(None, (part.strip() for part in grid.split(";"))):
        field, equals, values = axis.partition("=")
        field = field.strip()
        if not equals or not values.strip():
            raise UserError(f"{axis!r} is no axis of a grid; write FIELD=VALUE,VALUE")
        axes[field] = [_typed(field, value, config) for value in _split(values)]
    if not axes:
        raise UserError(f"the grid {grid!r} is empty; write FIELD=VALUE,VALUE;FIELD=VALUE")
    products = itertools.product(*axes.values())
    return [dict(zip(axes, values, strict=True)) for values in products]


def _split(values: str) -> list[str]:
    """Split at the commas that stand in no bracket: '(),(0,1)' -> '()', '(0,1)'."""
    parts, depth = [""], 0
    for character in values:
        if character in OPENING_BRACKETS:
            depth += 1
        elif character in CLOSING_BRACKETS:
            depth -= 1
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _typed(field: str, value: Any, config: ConfigDict) -> Any:
    """Return a value, or the value that a text stands for, in the type of its field."""
    if field == SEED:
        raise UserError(f"{SEED} is no axis; ask for several seeds with --seeds")
    present: Any = config
    for name in field.split("."):
        if not isinstance(present, ConfigDict) or name not in present:
            raise UserError(f"the config has no field {field!r}; see configs/base.py")
        present = present[name]
    if isinstance(present, str):
        return str(value)
    literal = value
    if isinstance(value, str):
        # A bare word is no literal and stays text, which the check of the type refuses.
        with contextlib.suppress(ValueError, SyntaxError):
            literal = ast.literal_eval(value)
    if type(present) is float and type(literal) is int:
        # Written as 0 or -1, the values of a float are whole numbers to Python.
        literal = float(literal)
    # Exactly, because a bool is an int to `isinstance`.
    if type(literal) is not type(present):
        raise UserError(f"{field} takes a {type(present).__name__}, not {value!r}")
    return literal


def _value_text(value: Any) -> str:
    """Return a value as it may stand in the name of a folder."""
    return str(value).replace(" ", "").replace("/", "_")

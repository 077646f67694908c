"""The settings of an ablation: grids of config fields, or a list of rows from a file.

    'model.timesteps=1,2,4;loss.nss=0,-1'     six settings: every combination

A setting is {field: value}, with values of the types that the config's fields have.
"""

import ast
import importlib.util
import itertools
from collections.abc import Sequence
from pathlib import Path

from ml_collections import ConfigDict

from samjax.errors import UserError

Setting = dict[str, object]
SEED = "train.seed"
_OPEN, _CLOSE = "([{", ")]}"


def from_grids(grids: Sequence[str], config: ConfigDict) -> dict[str, Setting]:
    """{label: setting} of all combinations of each grid, in the order written, without repeats."""
    return {text(s): s for grid in grids for s in _combinations(grid, config)}


def from_file(path: str | Path, config: ConfigDict) -> dict[str, Setting]:
    """{label: setting} of a Python file with ROWS = {label: {field: value}}."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file; it should hold ROWS = {{label: {{field: value}}}}")
    spec = importlib.util.spec_from_file_location("ablation_rows", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = getattr(module, "ROWS", None)
    if not isinstance(rows, dict) or not rows:
        raise UserError(f"{path} has no ROWS = {{label: {{field: value}}}}")
    return {
        label: {field: _typed(field, value, config) for field, value in setting.items()}
        for label, setting in rows.items()
    }


def applied(config: ConfigDict, setting: Setting) -> ConfigDict:
    """A copy of the config with the setting's values."""
    changed = config.copy_and_resolve_references()
    changed.update_from_flattened_dict(setting)
    return changed.lock()


def text(setting: Setting) -> str:
    """'model.timesteps=1,loss.nss=0.0': also the name of the point's folder."""
    return ",".join(f"{field}={_value(value)}" for field, value in setting.items()) or "as it is"


def _combinations(grid: str, config: ConfigDict) -> list[Setting]:
    axes = {}
    for axis in filter(None, (part.strip() for part in grid.split(";"))):
        field, equals, values = axis.partition("=")
        if not equals or not values.strip():
            raise UserError(f"{axis!r} is no axis of a grid; write FIELD=VALUE,VALUE")
        axes[field.strip()] = [_typed(field.strip(), v, config) for v in _split(values)]
    if not axes:
        raise UserError(f"the grid {grid!r} is empty; write FIELD=VALUE,VALUE;FIELD=VALUE")
    return [dict(zip(axes, c, strict=True)) for c in itertools.product(*axes.values())]


def _split(values: str) -> list[str]:
    """At commas that stand in no bracket: '(),(0,1)' -> '()', '(0,1)'."""
    parts, depth = [""], 0
    for character in values:
        depth += (character in _OPEN) - (character in _CLOSE)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _typed(field: str, value, config: ConfigDict):
    """A value in the type of its field."""
    if field == SEED:
        raise UserError(f"{SEED} is no axis; ask for several seeds with --seeds")
    now = config
    for name in field.split("."):
        if not isinstance(now, ConfigDict) or name not in now:
            raise UserError(f"the config has no field {field!r}; see configs/base.py")
        now = now[name]
    if isinstance(now, str):
        return str(value)
    try:
        literal = ast.literal_eval(value) if isinstance(value, str) else value
        if type(now) is float and type(literal) is int:
            literal = float(literal)
    except (ValueError, SyntaxError):
        literal = value
    if type(literal) is not type(now):
        raise UserError(f"{field} takes a {type(now).__name__}, not {value!r}")
    return literal


def _value(value) -> str:
    return str(value).replace(" ", "").replace("/", "_")

"""JSON files: written whole or not at all, without nan, and read with a message if damaged."""

import json
import math
from pathlib import Path
from typing import Any

from samjax.errors import UserError, one_line
from samjax.files.atomic import write_atomic


def write_json(path: str | Path, value: Any, indent: int | None = 1) -> Path:
    """Write a value as JSON with a newline at the end; make its folder.

    JSON has no word for nan and infinity, so they become null.

    Args:
        path: The file, which is replaced at once if it exists.
        value: Dictionaries, lists, tuples, strings, numbers, booleans and None.
        indent: Spaces per level, or None for everything on one line.
    """
    # allow_nan=False: what `finite` might miss must fail rather than make a file that is not JSON.
    text = json.dumps(finite(value), indent=indent, allow_nan=False)
    return write_atomic(path, text + "\n")


def read_json(path: str | Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        UserError: The file is damaged.
        OSError: It does not exist or cannot be read.
    """
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # of the syntax, the encoding, or the nesting
        raise UserError(
            f"{path} is damaged, it is not JSON ({one_line(error)}); write it again"
        ) from error


def finite(value: Any) -> Any:
    """Return the value with None in place of each float that is nan or infinite."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

"""The items of a checkpoint on disk: a tree of arrays each. No other file imports orbax."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import jax
from orbax.checkpoint import v1 as ocp

from samjax.errors import UserError, one_line
from samjax.training.record import MARK, DamagedError

LEAST_SLICE = 1 << 20
"""Bytes. An array that all devices have is written by all, a slice each, where slices are as large.

Of a small array that is slower: each slice of it is a program to compile and a record of its own.
"""

SHOWN = (60, 120)  # characters at both ends of a parser's message, which may be very long


class Response(Protocol):
    """A save under way."""

    def result(self, timeout: float | None = None) -> None:
        """Wait until it is complete, and raise what it failed with."""
        ...


def save(path: Path, items: dict[str, Any]) -> Response:
    """Start writing a checkpoint of these items into a new folder.

    All processes must call this. It returns as soon as the items may be donated.
    """
    logging.getLogger("absl").addFilter(_is_not_of_orbax)
    saving = ocp.options.ArrayOptions.Saving(min_slice_bytes_for_replica_parallel=LEAST_SLICE)
    with ocp.Context(array_options=ocp.options.ArrayOptions(saving=saving)):
        return ocp.save_checkpointables_async(path, items, custom_metadata=MARK)


def _is_not_of_orbax(record: logging.LogRecord) -> bool:
    """Return whether a line of the log is to be shown.

    Orbax reports every file that it writes, and logs a failure in each thread that meets it, with a
    traceback, before it raises it.
    """
    return "orbax" not in record.pathname


def shapes(path: Path) -> Mapping[str, Any]:
    """Return the items of a checkpoint as trees of shapes and types.

    Raises:
        DamagedError: It cannot be read.
    """
    try:
        return ocp.checkpointables_metadata(path).metadata
    except Exception as error:  # whatever a parser makes of damaged bytes
        raise DamagedError(path, f"cannot be read ({shortened(error)})") from error


def load(path: Path, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return items of a checkpoint.

    Args:
        path: The checkpoint's folder.
        wanted: {name: the item's tree with shapes, types and shardings in place of arrays}.

    Raises:
        DamagedError: It cannot be read.
    """
    try:
        return ocp.load_checkpointables(path, wanted)
    except Exception as error:  # whatever a parser makes of damaged bytes
        raise DamagedError(path, f"cannot be read ({shortened(error)})") from error


def shortened(error: Exception) -> str:
    """Return an error's message in one line, without its middle if it is long."""
    text, (start, end) = one_line(error), SHOWN
    return text if len(text) <= start + end else f"{text[:start]} ... {text[-end:]}"


def check_shapes(path: Path, wanted: Mapping[str, Any], have: Mapping[str, Any]) -> None:
    """Refuse what orbax would cast silently (a type) or explain in many lines (a shape).

    Raises:
        UserError: An item is missing, or an array has another shape or type.
    """
    for name, tree in wanted.items():
        if name not in have:
            raise UserError(
                f"{path} has no {name}: it was made with another configuration; "
                "choose another --workdir"
            )
        saved = {_place(p): leaf for p, leaf in jax.tree.leaves_with_path(have[name])}
        for place, leaf in jax.tree.leaves_with_path(tree):
            _check_leaf(path, f"{name}/{_place(place)}", saved.get(_place(place)), leaf)


def _check_leaf(path: Path, name: str, saved: Any, wanted: Any) -> None:
    found = None if saved is None else (tuple(saved.shape), str(saved.dtype))
    if found != (tuple(wanted.shape), str(wanted.dtype)):
        raise UserError(
            f"{path}: {name} is {found}, the configuration wants "
            f"{(tuple(wanted.shape), str(wanted.dtype))}; choose another --workdir"
        )


def _place(path: tuple) -> str:
    """Return where a leaf is.

    Saved trees have plain dicts and lists where ours have other nodes.
    """
    return jax.tree_util.keystr(path, simple=True, separator="/")

"""The table of a network's parameters."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import jax

from samjax.console.table import format_table

HEAD = ["part", "array", "shape", "number", "dtype"]


def parameter_table(params: dict[str, Any], frozen: Sequence[str] = ()) -> str:
    """Return a row for each array of the parameters, and one for each part's sum.

    Args:
        params: Shapes or arrays by part.
        frozen: Parts that do not learn.
    """
    rows = [HEAD]
    for part, tree in params.items():
        rows += _rows(part, tree)
        rows.append([part, "in all", "", f"{count(tree):,}", "frozen" if part in frozen else ""])
    learning = sum(count(tree) for part, tree in params.items() if part not in frozen)
    total = count(params)
    note = "" if learning == total else f", of which {learning:,} learn"
    return f"{format_table(rows)}\n\n{total:,} parameters{note}"


def count(tree: Any) -> int:
    """Return how many numbers the arrays of a tree have."""
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(tree))


def _rows(part: str, tree: Any) -> Iterator[list[str]]:
    for path, leaf in jax.tree.leaves_with_path(tree):
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        shape = " x ".join(map(str, leaf.shape)) or "1"
        yield [part, name, shape, f"{count(leaf):,}", str(leaf.dtype)]

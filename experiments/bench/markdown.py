"""Pieces of Markdown that the tables of results are made of."""

from typing import Any


def make_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def median_and_quartiles(values: dict[str, Any], name: str, form: str = "{:.3g}") -> str:
    """Return "median (low to high)" of what `timing.spread` gave under this name."""
    low, high = (form.format(v) for v in values[f"{name}_quartiles"])
    return f"{form.format(values[name])} ({low} to {high})"

"""MkDocs hooks: the table of the configuration is made from the code at each build.

A page that holds the line `<!-- configuration fields -->` gets, in its place, a table for every
section of the configuration: each field with its default, meaning and unit from `configs/base.py`,
and what it may be from `samjax/training/rules.py`. So the page can neither miss a field nor
describe a former one.
"""

import ast
import re
from pathlib import Path
from typing import NamedTuple

BASE = Path(__file__).parents[2] / "configs" / "base.py"
MARKER = "<!-- configuration fields -->"
# `c.name = value  # what it is`
ASSIGNMENT = re.compile(r"    c\.(?P<name>\w+) = (?P<value>.*?)(?:  # (?P<meaning>.*))?")


class Field(NamedTuple):
    """A field of the configuration: its full name, its default as code, and what it means."""

    name: str
    default: str
    meaning: str


def sections(text: str) -> dict[str, list[Field]]:
    """Return the fields of each section (model, loss, ...) in the order of the file.

    A section is a function of `configs/base.py` that fills a `ConfigDict` called `c`, one field on
    each line, with its meaning and unit as the comment behind it.

    Args:
        text: The source of `configs/base.py`.
    """
    lines = text.splitlines()
    fields: dict[str, list[Field]] = {}
    for function in ast.parse(text).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for line in lines[function.lineno : function.end_lineno]:
            if match := ASSIGNMENT.fullmatch(line):
                name, value, meaning = match.group("name", "value", "meaning")
                section = fields.setdefault(function.name, [])
                section.append(Field(f"{function.name}.{name}", value, meaning or ""))
    return fields


def tables(fields: dict[str, list[Field]]) -> str:
    """Return a Markdown section with a table for each section of the configuration."""
    lines: list[str] = []
    for name, rows in fields.items():
        lines += [f"## {name}", "", "| field | default | meaning and unit | allowed |"]
        lines.append("|---|---|---|---|")
        for row in rows:
            cells = [f"`{row.name}`", f"`{row.default}`", row.meaning, allowed(row.name)]
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        lines.append("")
    return "\n".join(lines)


def allowed(field: str) -> str:
    """Return what a field may be, or each field of a group of fields."""
    # MkDocs reads this file at its start, when the package may not be needed yet.
    from samjax.training.rules import RULES

    if field in RULES:
        return RULES[field].allowed
    group = {
        name.split(".")[-1]: rule for name, rule in RULES.items() if name.startswith(f"{field}.")
    }
    texts = {rule.allowed for rule in group.values()}
    return f"each of {', '.join(f'`{name}`' for name in group)}: {' or '.join(sorted(texts))}"


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the tables in place of the marker; MkDocs calls this for every page."""
    if MARKER not in markdown:
        return markdown
    return markdown.replace(MARKER, tables(sections(BASE.read_text("utf-8"))))

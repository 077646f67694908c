"""MkDocs hooks: the table of the configuration is made from configs/base.py at each build.

A page that holds the line `<!-- configuration fields -->` gets, in its place, a table for every
section of the configuration, so the page can neither miss a field nor describe a former one.
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
        lines += [f"## {name}", "", "| field | default | meaning and unit |", "|---|---|---|"]
        for row in rows:
            meaning = row.meaning.replace("|", "\\|")
            lines.append(f"| `{row.name}` | `{row.default}` | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the tables in place of the marker; MkDocs calls this for every page."""
    if MARKER not in markdown:
        return markdown
    return markdown.replace(MARKER, tables(sections(BASE.read_text())))

"""The walks of docs/architecture.md stop at modules and functions that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
# `path.py`, `name`, with a line break between them or none.
STOP = re.compile(r"`(?P<path>(?:samjax|configs|experiments)/[\w/]+\.py)`,\s+`(?P<name>[\w.]+)`")
STOPS = [match.group("path", "name") for match in STOP.finditer(PAGE.read_text())]


def definitions(tree: ast.AST, prefix: str = "") -> set[str]:
    """The functions, classes and methods of a module, methods as Class.method."""
    names = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(prefix + node.name)
        if isinstance(node, ast.ClassDef):
            names |= definitions(node, f"{node.name}.")
    return names


def test_there_are_three_walks():
    headings = re.findall(r"^### `(\w+)`", PAGE.read_text(), re.MULTILINE)
    assert headings == ["timesteps", "points", "config"]
    assert len(STOPS) > 25


@pytest.mark.parametrize(("path", "name"), sorted(set(STOPS)))
def test_every_stop_exists(path, name):
    file = ROOT / path
    assert file.is_file(), f"there is no {path}"
    assert name in definitions(ast.parse(file.read_text())), f"{path} has no {name}"

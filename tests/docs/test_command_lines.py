"""Every command line that the documentation shows parses: its options exist, its configs too."""

import argparse
import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from ml_collections import ConfigDict

from configs import base
from samjax.cli import build_parser

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
PROGRAM = re.compile(r"(?:srun \S+ )?python -m (?P<module>experiments\.\w+)(?P<rest> .*|$)")
PYTHON = re.compile(r"^```python$.*?^```$", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"--config\.([a-z][\w.]*)")


def command_lines() -> list[tuple[str, str]]:
    """(page, command) of every line of code that begins with a command of this project."""
    found = []
    for page in PAGES:
        # A line that a backslash continues is one line; what stands in Python code is no command.
        text = PYTHON.sub("", page.read_text()).replace("\\\n", " ")
        for line in text.splitlines():
            command = " ".join(line.split())
            of_samjax = command.startswith("samjax ") and line.startswith("    ")
            if of_samjax or PROGRAM.match(command):
                found.append((page.name, command))
    return found


COMMANDS = command_lines()


def words_of(text: str) -> list[str]:
    return shlex.split(text, comments=True)


@cache
def flags_of(module: str) -> frozenset[str]:
    """The names of the flags that a program of experiments/ and what it imports there define."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    names = {"help", "helpfull"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ".DEFINE_" in ast.unparse(node.func):
            names.add(node.args[0].value)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("experiments"):
            others = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for other in others:
                if (ROOT / f"{other.replace('.', '/')}.py").is_file():
                    names |= flags_of(other)
    return frozenset(names)


def has_field(config: ConfigDict, name: str) -> bool:
    for part in name.split("."):
        if not isinstance(config, ConfigDict) or part not in config:
            return False
        config = config[part]
    return True


def test_there_are_command_lines():
    assert len(COMMANDS) > 40


@pytest.mark.parametrize(
    "command", sorted({c for _, c in COMMANDS if c.startswith("samjax ")}), ids=str
)
def test_commands_of_samjax_parse(command, monkeypatch):
    def fail(parser: argparse.ArgumentParser, message: str) -> None:
        pytest.fail(f"{command!r}: {message}")

    monkeypatch.setattr(argparse.ArgumentParser, "error", fail)
    words = words_of(command)[1:]
    if words != ["--help"] and words[1:] != ["--help"]:
        build_parser().parse_args(words)


@pytest.mark.parametrize(
    "command", sorted({c for _, c in COMMANDS if not c.startswith("samjax ")}), ids=str
)
def test_commands_of_the_experiments_have_flags_and_configs_that_exist(command):
    match = PROGRAM.match(command)
    known = flags_of(match["module"])
    for word in words_of(match["rest"]):
        assert word.startswith("--"), f"{command!r}: {word!r} is no option"
        flag, _, value = word[2:].partition("=")
        if flag == "config":
            assert (ROOT / value).is_file(), f"{command!r}: there is no {value}"
        elif not flag.startswith("config."):
            assert flag.replace("-", "_") in known, (
                f"{command!r}: {match['module']} has no --{flag}"
            )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_fields_of_the_configuration_exist(page):
    config = base.get_config()
    for field in FIELD.findall(page.read_text()):
        assert has_field(config, field), f"{page.name}: the configuration has no {field}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_long_options_are_written_with_dashes(page):
    """An option has dashes, but for the fields of the configuration, which are Python names."""
    for option in re.findall(r"(?<![\w-])--(?!config\.)[a-z][\w-]*", page.read_text()):
        assert "_" not in option, f"{page.name} writes {option}"

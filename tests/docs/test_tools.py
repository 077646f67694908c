"""What docs/tools makes of the code is complete."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from ml_collections import ConfigDict

from configs import base
from samjax.training.rules import RULES

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "docs" / "tools"


def load(path: Path) -> ModuleType:
    """A script that belongs to no package, as a module."""
    spec = importlib.util.spec_from_file_location(f"tool_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def fields() -> dict:
    hooks = load(TOOLS / "hooks.py")
    return hooks.sections(hooks.BASE.read_text())


def test_the_table_of_weights_is_that_of_the_code():
    models = load(TOOLS / "models.py")
    page = models.PAGE.read_text()
    assert page == models.with_table(page), "run python docs/tools/models.py"


def names(config: ConfigDict) -> set[str]:
    """'section.field' of every field that base.py assigns."""
    return {f"{section}.{name}" for section, part in config.items() for name in part}


def test_the_configuration_page_has_every_field(fields):
    shown = {field.name for rows in fields.values() for field in rows}
    assert shown == names(base.get_config())


def test_the_configuration_page_says_what_every_field_may_be(fields):
    rows = load(TOOLS / "hooks.py").tables(fields).splitlines()
    for field, rule in RULES.items():
        shown = [row for row in rows if row.startswith((f"| `{field}` |", "| `train.factors` |"))]
        assert any(row.endswith(f"{rule.allowed} |") for row in shown), field


def test_every_field_is_explained(fields):
    assert all(field.meaning for rows in fields.values() for field in rows)


def test_the_marker_gives_way_to_the_tables():
    hooks = load(TOOLS / "hooks.py")
    page = hooks.on_page_markdown(f"before\n{hooks.MARKER}\nafter")
    assert hooks.MARKER not in page
    assert "| `model.timesteps` | `4` |" in page
    assert '| `model.readout` | `"density"` | ' in page
    assert hooks.on_page_markdown("another page") == "another page"


def test_the_drawing_shows_every_room():
    drawing = (ROOT / "docs" / "pictures" / "rooms.svg").read_text()
    rooms, _ = load(TOOLS / "rooms.py").layers()
    missing = [room for room in rooms if f">{room}</text>" not in drawing]
    assert not missing, f"the drawing lacks {missing}; run `make docs` and commit it"

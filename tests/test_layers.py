"""Imports only go down: the order of the rooms is held here, and TensorFlow stays outside."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the top to the bottom; a module may import from its own row and from rows below it.
ROWS = (
    ("experiments", "samjax.cli"),
    ("samjax.commands", "samjax.compilation"),
    ("samjax.train", "samjax.evaluate", "samjax.score_maps", "samjax.report",
     "samjax.inspect"),
    ("samjax.predict", "samjax.initialize", "samjax.validate", "samjax.scoreboard",
     "samjax.penalty", "samjax.submit"),
    ("samjax.restore", "samjax.center_bias", "samjax.observers"),
    ("samjax.experiment", "samjax.scores", "samjax.score_report", "samjax.score_table",
     "samjax.saliency_files"),
    ("samjax.steps", "samjax.recent", "samjax.baselines", "samjax.panels"),
    ("samjax.state", "samjax.checkpoint", "samjax.metrics", "samjax.map_files", "samjax.bootstrap",
     "samjax.postprocess"),
    ("samjax.losses", "samjax.models", "samjax.optimizer", "samjax.mesh", "samjax.writer",
     "samjax.progress", "samjax.weights"),
    ("samjax.data",),
    ("samjax.processes",),
    ("samjax.heatmap", "samjax.tally", "samjax.atomic", "samjax.download", "samjax.cache"),
    ("samjax.checksum",),
    ("samjax.errors",),
)  # fmt: skip
# Rows inside the data layer.
DATA = (
    ("catalog", "prepare_raw", "summary"),
    ("prepare", "downloads", "transcode", "check"),
    ("pipeline", "export", "staging", "selection"),
    ("transforms",),
    ("decoding",),
    ("sources",),
    ("builders", "foreign", "remote"),
    ("scenes", "scene_composer", "scene_art", "shards", "workers", "tfrecord", "track"),
    ("framing", "frames"),
    ("geometry", "images", "example"),
    ("resampling",),
)


def modules() -> dict[str, Path]:
    files = [*(ROOT / "samjax").rglob("*.py"), *(ROOT / "experiments").rglob("*.py")]
    names = {".".join(f.relative_to(ROOT).with_suffix("").parts): f for f in files}
    return {name.removesuffix(".__init__"): f for name, f in names.items()}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def row(name: str, rows, prefix: str = "") -> int | None:
    for number, members in enumerate(rows):
        if any(name == prefix + m or name.startswith(f"{prefix}{m}.") for m in members):
            return number
    return None


@pytest.mark.parametrize("name", sorted(n for n in modules() if n != "samjax"))
def test_imports_only_go_down(name):
    here = row(name, ROWS)
    assert here is not None, f"{name} has no place in the layers: give it one in ROWS"
    for other in imported(modules()[name]):
        there = row(other, ROWS)
        assert there is None or there >= here, f"{name} imports {other}, which stands above it"


@pytest.mark.parametrize("name", sorted(n for n in modules() if n.startswith("samjax.data.")))
def test_imports_only_go_down_within_the_data_layer(name):
    here = row(name, DATA, "samjax.data.")
    for other in imported(modules()[name]):
        there = row(other, DATA, "samjax.data.")
        assert here is None or there is None or there >= here, f"{name} imports {other}"


def test_only_the_checkpoint_file_knows_orbax():
    knows = [name for name, path in modules().items() if any("orbax" in i for i in imported(path))]
    assert knows == ["samjax.checkpoint"]


def test_nothing_imports_tensorflow_or_torch():
    code = (
        "import sys, pkgutil, importlib, samjax\n"
        "for m in pkgutil.walk_packages(samjax.__path__, 'samjax.'):\n"
        "    importlib.import_module(m.name)\n"
        "print([m for m in ('tensorflow', 'torch') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

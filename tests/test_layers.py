"""Imports only go down: the order of the rooms is held here, and TensorFlow stays outside."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the top to the bottom. A room may import from itself and from the rooms below it.
ROOMS = (
    "experiments",
    "configs",
    "samjax.cli",
    "samjax.commands",
    "samjax.report",
    "samjax.ui",
    "samjax.evaluation",
    "samjax.video",
    "samjax.analysis",
    "samjax.prediction",
    "samjax.training",
    "samjax.weights",
    "samjax.metrics",
    "samjax.data.prepare",
    "samjax.data.builders",
    "samjax.data.synthetic",
    "samjax.data.raw",
    "samjax.data",
    "samjax.models",
    "samjax.models.cpu",
    "samjax.pictures",
    "samjax.parallel",
    "samjax.files",
    "samjax.console",
    "samjax.bundled",
    "samjax.extras",
    "samjax.errors",
)
# Inside a room that has an order of its own, from the top to the bottom.
WITHIN = {
    "samjax.training": (
        ("loop",),
        ("run",),
        ("validation", "watched", "replay", "outline"),
        ("compiled",),
        ("initialize", "teacher", "feature_cache"),
        ("restore", "resuming", "feature_filling"),
        ("config", "config_file"),
        ("plan", "feature_parts"),
        ("experiment", "data_identity"),
        ("config_check",),
        ("rules", "combinations"),
        ("composed_checks", "feature_checks"),
        ("field_checks",),
        ("steps", "delayed_metrics", "checkpoint", "preemption", "not_finite"),
        ("work_folder",),
        ("checkpoint_reading", "nan_cases", "profiling"),
        ("metrics",),
        ("state", "item_files", "feature_shards"),
        ("losses", "optimizer", "writer", "record", "checkpoint_folders"),
        ("event_files", "tracking"),
        ("wandb_tracker", "mlflow_tracker"),
        ("tracker",),
        ("metrics_file", "masked_maps", "map_sizes", "environment", "watching"),
    ),
    "samjax.evaluation": (
        ("evaluate", "score_maps"),
        ("quantization", "submission", "split_maps"),
        ("scoreboard",),
        ("baseline_maps", "observers", "score_table", "scorer"),
        ("center_bias", "score_report", "given_maps"),
        ("map_files", "map_resizing"),
        ("map_matching", "map_sizes", "packed_density", "versions"),
        ("scores", "baselines", "buckets", "intervals"),
    ),
    "samjax.video": (
        ("area_course",),
        ("predict", "measure"),
        ("map_files", "writing"),
        ("mapped", "video_writing", "webp_writing"),
        ("clip",),
        ("animation_reading", "folder_reading", "video_reading"),
        ("frame", "options", "smoothing", "ahead", "display", "pyav"),
    ),
    "samjax.data": (
        ("mixture", "pipeline"),
        ("selection", "views"),
        ("transforms", "streams"),
        ("rendering", "sources", "loading"),
        ("decoding", "remote", "versions", "viewing_times"),
        ("foreign", "dataset", "known_names"),
        ("origin", "shard_files"),
        ("resize_mode", "canvas", "enlarged"),
        ("geometry", "images", "image_headers", "example", "stored_features"),
        ("picture_files", "pixels", "orientation", "grey", "window", "moving"),
        ("coordinates",),
        ("resampling",),
    ),
}


def modules() -> dict[str, Path]:
    """{dotted name: file} of every module that the test covers."""
    folders = ("samjax", "experiments", "configs")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    names = {".".join(f.relative_to(ROOT).with_suffix("").parts): f for f in files}
    return {name.removesuffix(".__init__"): f for name, f in names.items()}


MODULES = modules()


def imported(path: Path) -> set[str]:
    """The modules that a file imports, by statement or by `import_module` with a literal name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            found |= dynamic(node)
    return found


def dynamic(call: ast.Call) -> set[str]:
    """What `import_module(...)` may import: its literal, or all modules that its f-string fits."""
    (argument, *_) = call.args
    if isinstance(argument, ast.Constant):
        return {argument.value}
    assert isinstance(argument, ast.JoinedStr), f"cannot follow {ast.unparse(call)}"
    prefix = "".join(v.value for v in argument.values[:1] if isinstance(v, ast.Constant))
    return {name for name in MODULES if name.startswith(prefix)}


def room_of(name: str) -> str | None:
    """The room with the longest name that contains the module."""
    fitting = [room for room in ROOMS if name == room or name.startswith(f"{room}.")]
    return max(fitting, key=len, default=None)


@pytest.mark.parametrize("name", sorted(n for n in MODULES if n != "samjax"))
def test_imports_only_go_down(name):
    room = room_of(name)
    assert room is not None, f"{name} is in no room: give it a place in ROOMS"
    for other in imported(MODULES[name]):
        there = room_of(other)
        if there is not None:
            down = ROOMS.index(there) >= ROOMS.index(room)
            assert down, f"{name} imports {other}, which stands above it"


@pytest.mark.parametrize("room", WITHIN)
def test_imports_only_go_down_within_a_room(room):
    rows = {member: k for k, row in enumerate(WITHIN[room]) for member in row}
    members = {n for n in MODULES if room_of(n) == room and n != room}
    missing = {n.removeprefix(f"{room}.") for n in members} ^ set(rows)
    assert not missing, f"the order within {room} does not agree with its files about {missing}"
    for name in members:
        for other in imported(MODULES[name]) & members:
            here, there = (rows[n.removeprefix(f"{room}.")] for n in (name, other))
            assert there >= here, f"{name} imports {other}, which stands above it"


def test_only_one_file_knows_orbax():
    knows = [name for name, path in MODULES.items() if any("orbax" in i for i in imported(path))]
    assert knows == ["samjax.training.item_files"]


def test_nothing_imports_tensorflow_or_torch():
    code = (
        "import sys, pkgutil, importlib, samjax\n"
        "for m in pkgutil.walk_packages(samjax.__path__, 'samjax.'):\n"
        "    importlib.import_module(m.name)\n"
        "print([m for m in ('tensorflow', 'torch') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

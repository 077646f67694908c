"""A base install predicts; what needs an extra says so in one line, wherever it is started."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_model import save_tiny_model
from without_packages import __file__ as WITHOUT

from samjax.cli import COMMANDS
from samjax.errors import UserError
from samjax.extras import EXTRAS, about, remedy, wanted_for

ROOT = Path(__file__).parents[1]
ON_BASE = {"absl"}  # Flax imports it, and brings it along
ABSENT = ",".join(p for packages in EXTRAS.values() for p in packages if p not in ON_BASE)


def run(*arguments: object) -> tuple[int, str, str]:
    """Status, output and errors of a program in an environment without the packages of extras."""
    command = [sys.executable, WITHOUT, ABSENT, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> tuple[Path, Path]:
    """A weight file and a photograph."""
    folder = tmp_path_factory.mktemp("tiny")
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    Image.fromarray(pixels).save(folder / "photo.png")
    return save_tiny_model(folder / "tiny.safetensors"), folder / "photo.png"


# One process does it all, because it is JAX and the compiler that take the time.
BASE_USES = """
import sys
from samjax.cli import main
weights, photo, folder = sys.argv[1:]
assert main(["predict", "--weights", weights, "--output", f"{folder}/out", photo]) == 0
assert main(["convert", weights, f"{folder}/copy.safetensors"]) == 0
assert main(["predict", "--weights", folder, photo]) == 1
assert main(["score", "--dataset=d", "--split=s", "--maps", folder]) == 1
for page in (["--help"], ["areas", "--help"], ["compare", "--help"], ["crop", "--help"]):
    try:
        main(page)
    except SystemExit as stop:
        assert stop.code == 0
"""


def test_a_base_install_predicts_with_a_weight_file_and_lists_all_commands(tiny, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(BASE_USES, "utf-8")
    status, out, err = run(program, *tiny, tmp_path)
    assert status == 0, out + err
    assert np.load(tmp_path / "out" / "photo.npy").shape == (48, 64)
    assert all(re.search(rf"^ +{name} ", out, re.MULTILINE) for name in COMMANDS)
    cure = "which is not installed; run pip install 'samjax[train]'"
    told = [line for line in err.splitlines() if line.endswith(cure)]
    assert told[0].startswith(f"samjax predict: {tmp_path}: the work folder of a training needs")
    assert told[1].startswith("samjax score: this needs the package tensorflow_datasets")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        "samjax.cli prepare --list",
        "samjax.cli report runs",
        "experiments.train --config=configs/demo.py --workdir=runs/none",
        "experiments.evaluate --config=configs/demo.py --workdir=runs/none",
        "experiments.timesteps --config=configs/demo.py --workdir=runs/none --timesteps=1",
    ],
)
def test_what_needs_the_extra_says_so_in_one_line(arguments):
    status, out, err = run(*arguments.split())
    assert status == 1
    assert out == ""
    (line,) = err.splitlines()
    assert re.search(r"this( program)? needs the package \w+, which is not installed; run ", line)
    assert line.endswith("run pip install 'samjax[train]'")


def test_an_import_that_no_extra_brings_stays_a_traceback():
    with pytest.raises(ModuleNotFoundError), wanted_for("this"):
        raise ModuleNotFoundError("No module named 'flux'", name="flux")
    assert about(ModuleNotFoundError("no name")) is None


def test_a_module_in_a_package_of_an_extra_counts_as_the_package():
    told = r"a hub needs the package huggingface_hub, .*samjax\[hub"
    with pytest.raises(UserError, match=told), wanted_for("a hub"):
        raise ModuleNotFoundError("", name="huggingface_hub.errors")


def test_what_has_no_builds_for_windows_is_not_recommended_there(monkeypatch):
    assert "samjax[train]" in remedy("array_record")
    monkeypatch.setattr(sys, "platform", "win32")
    assert "no builds for Windows" in remedy("array_record")
    assert "samjax[train]" in remedy("grain")


@cache
def declared() -> dict[str, set[str]]:
    """{extra, "" for the base: the distributions that pyproject.toml names for it}."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        extra: {re.match(r"[\w.-]+", text)[0].lower().replace("_", "-") for text in texts}
        for extra, texts in lists.items()
    }


def imported_packages(room: str) -> dict[str, str]:
    """{package that is not Python's own: a file that imports it}."""
    found = {}
    for path in (ROOT / room).rglob("*.py"):
        names = re.findall(r"^ *(?:import|from) (\w+)", path.read_text("utf-8"), re.MULTILINE)
        found |= dict.fromkeys(names, path.name)
    return {name: file for name, file in found.items() if name not in sys.stdlib_module_names}


def test_every_package_that_is_imported_is_declared_and_every_extra_is_told():
    distributions = packages_distributions()
    extra_of = {package: extra for extra, packages in EXTRAS.items() for package in packages}
    come_along = {"ml_dtypes", "markupsafe", "jaxlib"}  # with JAX, and with jinja2
    for package, file in imported_packages("samjax").items():
        if package == "samjax" or package in come_along:
            continue
        names = {name.lower().replace("_", "-") for name in distributions.get(package, ())}
        if names:  # none: an optional package that is absent here, or a word of a docstring
            extra = extra_of.get(package, "")
            assert names & declared()[extra], (
                f"{file} imports {package}: name it in pyproject.toml, in the dependencies or in "
                "an extra, and then in samjax/extras.py too"
            )


def test_the_extras_for_users_and_for_tests_hold_the_others():
    texts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = texts["optional-dependencies"]
    assert any("train" in text for text in extras["all"])
    assert any("samjax[train" in text for text in extras["test"])

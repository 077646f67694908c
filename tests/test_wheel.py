"""The wheel: built, installed into a fresh environment, and used from another folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_model import save_tiny_model

from samjax import bundled

ROOT = Path(__file__).parents[1]
SOURCES = ("samjax", "configs", "experiments", "pyproject.toml", "README.md", "LICENSE")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of a copy of the sources, since a build leaves files beside them."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / "sources" / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / "sources" / name)
    box = folder / "sources" / bundled.find().relative_to(ROOT)
    if not box.is_file():  # not trained yet: a tiny one stands in its place
        box.parent.mkdir(exist_ok=True)
        save_tiny_model(box)
    # Nothing is downloaded: what builds the wheel is in the environment of the tests.
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder)]
    pip(sys.executable, "wheel", *options, str(folder / "sources"))
    (path,) = folder.glob("*.whl")
    return path


def pip(python: str | Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs a program of a fresh environment with the wheel, in another folder.

    The packages that samjax depends on are those of the tests: a .pth file names their folder.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv")
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip(scripts / "python", "install", "--no-deps", "--no-index", str(wheel))
    (site_packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()

    def run(program: str, *arguments: str) -> str:
        command = [str(scripts / program), *arguments]
        done = subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_it_holds_samjax_only(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"samjax"}
    assert "samjax/py.typed" in names
    templates = (ROOT / "samjax" / "report" / "templates").iterdir()
    assert {f"samjax/report/templates/{path.name}" for path in templates} <= set(names)
    page = (ROOT / "samjax" / "ui" / "static").iterdir()
    assert {f"samjax/ui/static/{path.name}" for path in page} <= set(names)
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "samjax").rglob("*.py")}
    assert modules <= set(names)


def test_configs_and_experiments_are_not_importable(installed):
    code = (
        "import importlib.util as u\n"
        "print(u.find_spec('samjax').origin)\n"
        "print([name for name in ('configs', 'experiments') if u.find_spec(name)])\n"
    )
    origin, found = installed("python", "-c", code).splitlines()
    assert not origin.startswith(str(ROOT / "samjax"))
    assert found == "[]"


def test_it_predicts_from_another_folder(installed, tmp_path, rng):
    weights = save_tiny_model(tmp_path / "tiny.safetensors")
    photo = tmp_path / "photo.png"
    Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8)).save(photo)
    output = str(tmp_path / "out")
    installed("samjax", "predict", "--weights", str(weights), "--output", output, str(photo))
    code = (
        "import sys, samjax, numpy\n"
        "saliency = samjax.load(sys.argv[1])(sys.argv[2])\n"
        "numpy.save(sys.argv[3], saliency.density)\n"
    )
    saved = tmp_path / "api.npy"
    installed("python", "-c", code, str(weights), str(photo), str(saved))
    written = np.load(tmp_path / "out" / "photo.npy")
    assert written.shape == (30, 40)
    assert written.sum(dtype=np.float64) == pytest.approx(1, abs=1e-4)
    np.testing.assert_array_equal(np.load(saved), written)


def test_it_predicts_with_the_model_that_it_brings(installed, wheel, tmp_path, rng):
    with zipfile.ZipFile(wheel) as archive:
        size = archive.getinfo(str(bundled.find().relative_to(ROOT))).file_size
    assert 0 < size <= bundled.MAX_BYTES
    photo = tmp_path / "photo.png"
    Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8)).save(photo)
    written = installed("samjax", "predict", "--output", str(tmp_path / "out"), str(photo))
    assert written.strip() == str(tmp_path / "out" / "photo.npy")
    code = "import sys, samjax; print(samjax.load()(sys.argv[1]).density.shape)"
    assert installed("python", "-c", code, str(photo)).strip() == "(30, 40)"

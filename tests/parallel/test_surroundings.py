"""What a machine lacks is told in one line."""

import os
import subprocess
import sys

import pytest

from samjax.errors import UserError
from samjax.files.cache import cache_dir
from samjax.parallel.compilation import FOLDER, keep_compiled_programs
from samjax.parallel.surroundings import told


def test_a_platform_that_is_not_there_is_named():
    environment = os.environ | {"JAX_PLATFORMS": "cuda"}
    command = [sys.executable, "-m", "samjax.cli", "card", "sam-small"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "samjax card: JAX_PLATFORMS=cuda: JAX cannot use it here" in done.stderr
    assert "unset JAX_PLATFORMS" in done.stderr


def test_other_failures_stay_what_they_are():
    with pytest.raises(RuntimeError, match="something else") as error, told():
        raise RuntimeError("something else")
    assert not isinstance(error.value, UserError)
    with pytest.raises(UserError, match="there is no home folder"), told():
        raise RuntimeError("Could not determine home directory.")


def test_without_a_home_folder_programs_are_not_kept_and_files_are_asked_about(monkeypatch):
    def home(*_):
        raise RuntimeError("Could not determine home directory.")

    for name in ("SAMJAX_CACHE", "XDG_CACHE_HOME", FOLDER, "TFDS_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.home", home)
    with pytest.raises(UserError, match="set SAMJAX_CACHE"):
        cache_dir()
    keep_compiled_programs()
    assert FOLDER not in os.environ


def test_a_cache_that_cannot_be_made_keeps_no_programs(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "file"))
    keep_compiled_programs()
    assert FOLDER not in os.environ

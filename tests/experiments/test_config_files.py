"""Configurations are found by name from any folder, and a file of the user's own wins."""

import subprocess
import sys
from pathlib import Path

import pytest
from absl import flags

from experiments.config_files import CHECKOUT, find_config, in_checkout, with_found_configs
from experiments.launch import with_underscores
from samjax.errors import UserError

DEMO = str(CHECKOUT / "configs" / "demo.py")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["demo", "demo.py", "configs/demo.py", DEMO])
def test_a_configuration_of_the_checkout_is_found(name):
    assert find_config(name) == DEMO
    assert find_config(f"{name}:text") == f"{DEMO}:text"


def test_a_file_that_is_there_wins(tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "demo.py").write_text("")
    assert find_config("configs/demo.py") == "configs/demo.py"
    (tmp_path / "own.py").write_text("")
    assert find_config("own") == "own.py"


def test_another_file_of_the_checkout_is_found(tmp_path):
    rows = "configs/ablations/paper.py"
    assert in_checkout(rows) == str(CHECKOUT / rows)
    assert in_checkout("nosuch.py") == "nosuch.py"


def test_flags_are_written_with_dashes_or_underscores():
    values = flags.FlagValues()
    flags.DEFINE_bool("debug_nans", False, "", flag_values=values)
    flags.DEFINE_multi_string("sbatch", [], "", flag_values=values)
    given = ["x", "--debug-nans", "--sbatch", "--mem-per-cpu=4G", "--", "--debug-nans"]
    parsed = with_underscores(given, values)
    assert parsed == ["x", "--debug_nans", *given[2:]]
    assert with_underscores(parsed, values) == parsed


def test_a_slip_of_the_pen_gets_a_suggestion():
    with pytest.raises(UserError, match=r"did you mean demo\?.*sam_vgg_osie"):
        find_config("configs/demmo.py")


def test_arguments_keep_their_places():
    line = ["train", "--config", "demo", "--workdir=x", "--config.model.timesteps=3"]
    expected = ["train", "--config", DEMO, "--workdir=x", "--config.model.timesteps=3"]
    assert with_found_configs(line) == expected
    assert with_found_configs(["train", "-config=demo"]) == ["train", f"--config={DEMO}"]
    assert with_found_configs(["train", "--", "--config=demo"]) == ["train", "--", "--config=demo"]


def test_a_program_says_what_is_missing_in_one_line(tmp_path):
    command = [sys.executable, "-m", "experiments.train", "--config=nosuch", "--workdir=x"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=_environment())
    assert done.returncode == 1
    assert done.stderr.startswith("error: --config=nosuch: there is no such file")
    assert done.stderr.count("\n") == 1


def _environment() -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": str(Path(CHECKOUT))}

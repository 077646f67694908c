"""The command line: what --help costs, how options are spelled, what the exit status says."""

import argparse
import subprocess
import sys
from importlib.metadata import version

import pytest

from samjax.cli import COMMANDS, build_parser, main, with_dashes

HEAVY = ("jax", "flax", "numpy", "PIL", "cv2", "h5py", "matplotlib", "tensorflow_datasets")


def sub_parsers() -> dict[str, argparse.ArgumentParser]:
    actions = build_parser()._actions
    (commands,) = (a for a in actions if isinstance(a, argparse._SubParsersAction))
    return commands.choices


@pytest.mark.parametrize("arguments", [["--help"], ["predict", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys\n"
        "from samjax.cli import main\n"
        "try:\n"
        f"    main({arguments})\n"
        "except SystemExit as stop:\n"
        "    assert stop.code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"samjax {version('samjax')}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_long_options_have_dashes_and_underscores_are_not_shown(command):
    parser = sub_parsers()[command]
    options = [option for action in parser._actions for option in action.option_strings]
    assert not [option for option in options if "_" in option]
    shown = parser.format_help().partition("example:")[0]
    assert not [word for word in shown.split() if word.startswith("--") and "_" in word]


def test_underscores_are_accepted():
    arguments = ["score", "--dataset=d", "--split=s", "--maps=m", "--data_dir", "a_b"]
    args = build_parser().parse_args(with_dashes([*arguments, "--baseline_split=x_y"]))
    assert (args.data_dir, args.baseline_split) == ("a_b", "x_y")


def test_only_options_are_spelled_anew():
    arguments = ["--a_b=c_d", "e_f", "-g_h", "--", "--i_j"]
    assert with_dashes(arguments) == ["--a-b=c_d", "e_f", "-g_h", "--", "--i_j"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"example:\n  samjax {command}" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["no-command"], ["predict"], ["convert", "--no-option"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: samjax" in capsys.readouterr().err


def test_verbose_shows_the_traceback(tmp_path):
    arguments = ["convert", str(tmp_path / "missing.pkl"), str(tmp_path / "out.pkl")]
    assert main(arguments) == 1
    with pytest.raises(Exception, match="no such file"):
        main([*arguments, "--verbose"])


def test_an_interrupt_exits_with_130(monkeypatch, capsys):
    def interrupted(args):
        raise KeyboardInterrupt

    monkeypatch.setattr("samjax.commands.convert.run", interrupted)
    assert main(["convert", "a", "b"]) == 130
    assert "nothing half-written" in capsys.readouterr().err

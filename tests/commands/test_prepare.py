"""The options of `samjax prepare`: read from their texts, or refused as wrong usage."""

import argparse

import pytest

from samjax.cli import main
from samjax.commands import prepare


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    prepare.add_arguments(parser)
    return parser.parse_args(arguments)


def test_options_are_read_from_their_texts():
    args = parse("synthetic", "--counts", "3,2,0", "--size", "64x48", "--jobs", "4")
    assert args.counts == {"train": 3, "validation": 2, "test": 0}
    assert args.size == (64, 48)
    assert args.jobs == 4


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--counts", "3,2"),
        ("--counts", "3,2,x"),
        ("--size", "64"),
        ("--size", "0x48"),
        ("--jobs", "0"),
        ("--jobs", "-1"),
        ("--on-error", "ignore"),
    ],
)
def test_a_value_that_makes_no_sense_is_wrong_usage(option, value, capsys):
    with pytest.raises(SystemExit, match="2"):
        parse("synthetic", f"{option}={value}")
    assert option in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--list shows all"),
        (["table", "--name", "mine"], "table needs --source=PATH, the folder with images.csv"),
        (["folder", "--name", "mine"], "folder needs --source=PATH, the folder with images/"),
    ],
)
def test_what_is_missing_is_told_in_one_line(arguments, says, capsys):
    assert main(["prepare", *arguments]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_scenes_are_drawn_shown_and_exported(tmp_path, capsys):
    options = ["--counts", "1,0,2", "--size", "32x24", "--seed", "3", "--jobs", "1"]
    places = ["--data_dir", str(tmp_path), "--export", str(tmp_path / "images")]
    assert main(["prepare", "synthetic", *options, *places]) == 0
    printed = capsys.readouterr()
    assert [line.split(",")[0] for line in printed.out.splitlines()] == [
        "synthetic train: 1 images",
        "synthetic test: 2 images",
    ]
    assert len(list((tmp_path / "images").glob("*.png"))) == 2
    assert "wrote 2 test images" in printed.err

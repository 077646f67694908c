"""`samjax card`: a work folder, a file and a name, on the screen or in a file."""

import json
import shutil

import pytest
from tiny_model import save_tiny_model
from trained import scenes, trained_workdir

from samjax import bundled
from samjax.cli import main

__all__ = ["scenes", "trained_workdir"]


def test_folder_and_converted_file_have_the_same_card(trained_workdir, tmp_path, capsys):
    path = tmp_path / "trained.safetensors"
    assert main(["convert", str(trained_workdir), str(path), "--licence=mit"]) == 0
    capsys.readouterr()
    assert main(["card", str(trained_workdir), "--licence=mit", "--output", str(path) + ".md"]) == 0
    assert capsys.readouterr().out == f"{path}.md\n"
    of_folder = (tmp_path / "trained.safetensors.md").read_text()
    assert main(["card", str(path)]) == 0
    of_file = capsys.readouterr().out
    # But for the size of the file, and how the weights are named.
    size = f"{path.stat().st_size / 2**20:.1f} MiB"
    expected = of_folder.replace("no file yet", size).replace(str(trained_workdir), path.name)
    assert of_file == expected
    assert 'license: "mit"' in of_file


def test_speed_is_measured_and_kept(trained_workdir, tmp_path, capsys):
    workdir = shutil.copytree(trained_workdir, tmp_path / "run")
    assert main(["card", str(workdir), "--measure-speed"]) == 0
    rows = json.loads((tmp_path / "run" / "speed.json").read_text())
    assert [row["batch_size"] for row in rows] == [1, 8]
    assert all(row["images_per_second"] > 0 for row in rows)
    shown = capsys.readouterr().out
    assert f"| {rows[0]['images_per_second']:g} | 32 x 40 |" in shown


def test_without_a_name_it_is_the_bundled_model(tmp_path, monkeypatch, capsys):
    save_tiny_model(tmp_path / f"{bundled.NAME}.safetensors")
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    assert main(["card"]) == 0
    shown = capsys.readouterr().out
    assert f"# {bundled.NAME}" in shown
    assert "Unknown: the run has not been evaluated" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["{folder}"], "is no work folder"), (["{folder}/none.pkl"], "no such file")],
)
def test_failures_are_told_in_one_line(tmp_path, capsys, arguments, message):
    assert main(["card", *(a.format(folder=tmp_path) for a in arguments)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1

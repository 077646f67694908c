"""The measurement of the shell: its photographs, and commands in processes of their own."""

import cv2
import numpy as np
import pytest

from experiments.shell import photographs
from experiments.shell.commands import measure_start, run_command
from samjax.errors import UserError


def test_photographs_are_made_once_and_linked(tmp_path, monkeypatch):
    monkeypatch.setattr(photographs, "SIZE", (30, 40))
    (tmp_path / "free").mkdir()
    rng = np.random.default_rng(0)
    cv2.imwrite(str(tmp_path / "free" / "a.png"), rng.integers(0, 256, (50, 50, 3), np.uint8))
    folder = photographs.make_photographs(tmp_path, 5, distinct=2)
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"{number:04}.jpg" for number in range(5)]
    assert files[0].read_bytes() == files[4].read_bytes() != files[1].read_bytes()
    image = cv2.imread(str(files[1]))
    assert image is not None
    assert image.shape == (30, 40, 3)
    kept = files[0].stat().st_ino
    again = photographs.make_photographs(tmp_path, 3, distinct=2)
    assert (again / "0000.jpg").stat().st_ino == kept


def test_commands_run_in_processes_of_their_own(tmp_path):
    taken = measure_start(["predict", "--help"], warm=False, repeats=1)
    assert taken["seconds"] > 0
    assert taken["cpu"] > 0
    with pytest.raises(UserError, match="ended with 1"):
        run_command(["predict", str(tmp_path / "missing.jpg")], tmp_path)

"""The photographs of the demo: readable, credited, and never those of a package that is missing."""

import importlib.util
from pathlib import Path

from experiments import free_photographs as photographs
from samjax.data.images import read_photo


def test_every_copied_photograph_can_be_read_and_is_credited(tmp_path):
    copied = photographs.collect(tmp_path)
    assert "matplotlib" in {photograph.package for photograph in copied}
    credits = (tmp_path / "CREDITS.txt").read_text()
    for photograph in copied:
        name = Path(photograph.path).name
        assert min(read_photo(tmp_path / name).shape[:2]) >= 300
        assert f"{name}: {photograph.credit}" in credits


def test_a_missing_package_is_left_out(tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "skimage" else find(name)
    )
    assert "skimage" not in {photograph.package for photograph in photographs.collect(tmp_path)}
    assert not (tmp_path / "astronaut.png").exists()

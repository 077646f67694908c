"""Areas belong to pictures by name, with or without ending and folders."""

from pathlib import Path

import pytest

from samjax.analysis.area import Area, box
from samjax.analysis.matching import areas_of, belongs, unmatched


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        (None, True),
        ("home.png", True),
        ("home", True),
        ("new/home.png", True),
        ("./new/home", True),
        ("new\\home.png", True),
        ("old/home.png", False),
        ("home.jpg", False),
        ("ho", False),
        ("ome.png", False),
        ("", False),
    ],
)
def test_names(name, fits, tmp_path):
    assert belongs(name, tmp_path / "new" / "home.png") == fits


def test_whole_paths(tmp_path):
    picture = tmp_path / "home.png"
    assert belongs(str(picture), picture)
    assert not belongs(f"/elsewhere/{picture.name}", picture)


def test_areas_of_a_picture_have_unique_names():
    shape = box(0, 0, 1, 1)
    areas = [Area("logo", shape), Area("logo", shape, "a.png"), Area("menu", shape, "b")]
    assert [a.name for a in areas_of(areas, Path("x/a.png"))] == ["logo", "logo 2"]
    assert [a.name for a in areas_of(areas, Path("x/b.png"))] == ["logo", "menu"]


def test_both_sides_are_told():
    shape = box(0, 0, 1, 1)
    areas = [Area("logo", shape, "a.png"), Area("logo", shape, "gone.png")]
    pictures = [Path("a.png"), Path("b.png")]
    assert unmatched(areas, pictures) == (["gone.png"], [Path("b.png")])

"""Versions are paired by name, and their areas follow what the file says of each."""

import pytest
from PIL import Image

from samjax.analysis.area import Area, box
from samjax.analysis.coverage import cover
from samjax.analysis.versions import areas_of_versions, pair_versions
from samjax.errors import UserError


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 3)).save(path)
    return path


def test_folders_are_paired_by_name(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for name in ("a.png", "sub/a.png", "b.png", "gone.png"):
        touch(old / name)
    for name in ("a.png", "sub/a.png", "b.jpg", "b.webp", "come.png"):
        touch(new / name)
    pairs, _, notes = pair_versions(old, new, tmp_path / "out")
    names = [
        (str(p.before.path.relative_to(old)), str(p.after.path.relative_to(new))) for p in pairs
    ]
    assert names[0] == ("a.png", "a.png")
    assert names[2] == ("sub/a.png", "sub/a.png")
    assert names[1][0] == "b.png"
    told = " ".join(notes)
    assert "gone.png" in told
    assert "come.png" in told


def test_two_files_need_no_common_name(tmp_path):
    one, other = touch(tmp_path / "v1.png"), touch(tmp_path / "v2.png")
    (pair,), _, notes = pair_versions(one, other, tmp_path / "out")
    assert (pair.before.path, pair.after.path, notes) == (one, other, [])


def test_wrong_pairs_are_told(tmp_path):
    file = touch(tmp_path / "old" / "a.png")
    touch(tmp_path / "new" / "b.png")
    for before, after, message in (
        (file, tmp_path / "new", "is a folder and"),
        (file, tmp_path / "gone.png", "gone.png does not exist"),
        (tmp_path / "old", tmp_path / "new", "no picture in"),
    ):
        with pytest.raises(UserError, match=message):
            pair_versions(before, after, tmp_path / "out")


@pytest.fixture
def versions(tmp_path):
    return pair_versions(touch(tmp_path / "v1.png"), touch(tmp_path / "v2.png"), tmp_path / "o")[0][
        0
    ]


def test_areas_of_both_are_scaled_to_the_second(versions):
    found = areas_of_versions([Area("logo", box(10, 10, 20, 10))], versions, (100, 200))
    assert cover(found.before[0], 100, 200).inside == 200
    assert cover(found.after[0], 200, 400).inside == 800
    assert not found.notes


def test_areas_may_lie_elsewhere_on_the_second(versions):
    shapes = {"v1.png": box(0, 0, 5, 5), "v2": box(50, 50, 9, 9)}
    areas = [Area("logo", shape, image) for image, shape in shapes.items()]
    areas.append(Area("new", box(0, 0, 1, 1), "v2.png"))
    found = areas_of_versions(areas, versions, (100, 200))
    assert [area.name for area in found.before] == ["logo"]
    assert cover(found.before[0], 100, 200).inside == 25
    assert cover(found.after[0], 150, 150).inside == 81
    assert "'new' is only on" in found.notes[0]


def test_areas_of_the_first_alone_serve_for_both_and_that_is_said(versions):
    found = areas_of_versions([Area("logo", box(0, 0, 5, 5), "v1.png")], versions, (100, 200))
    assert [area.name for area in found.after] == ["logo"]
    assert "has no area of its own" in found.notes[0]

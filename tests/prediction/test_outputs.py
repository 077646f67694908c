"""Names of outputs: never twice, never an input."""

import unicodedata
from pathlib import Path

import pytest

from samjax.errors import UserError
from samjax.prediction.outputs import plan_outputs
from samjax.prediction.photo_search import find_photos


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def names(tmp_path, paths, kinds=("npy",), output=None):
    output = output or tmp_path / "out"
    plans = plan_outputs(find_photos(paths, output).photos, output, kinds)
    return [str(f.relative_to(output)) for plan in plans for f in plan.files.values()]


def test_sub_folders_are_kept(tmp_path):
    photos = touch(tmp_path / "photos", "a.jpg", "x/a.jpg", "x/y/b.PNG", "notes.txt", ".c.jpg")
    assert names(tmp_path, [photos]) == ["a.npy", "x/a.npy", "x/y/b.npy"]


def test_same_stem_is_told_apart_by_the_ending(tmp_path):
    photos = touch(tmp_path / "photos", "a.jpg", "a.png", "b.jpg")
    assert names(tmp_path, [photos]) == ["a_jpg.npy", "a_png.npy", "b.npy"]


def test_same_name_of_two_folders_is_numbered(tmp_path):
    one, two = touch(tmp_path / "1", "a.jpg"), touch(tmp_path / "2", "a.jpg")
    assert names(tmp_path, [one, two]) == ["a_jpg.npy", "a_jpg_2.npy"]
    assert names(tmp_path, [one / "a.jpg", two / "a.jpg"]) == ["a_jpg.npy", "a_jpg_2.npy"]


def test_names_never_collide(tmp_path):
    files = ("a.jpg", "a.png", "A.png", "a_jpg.png", "a_jpg_overlay.jpg", "a_heatmap.png", "a")
    photos = touch(tmp_path / "photos", *files)
    kinds = ("npy", "png16", "png8", "heatmap", "overlay")
    written = names(tmp_path, sorted(photos.iterdir()), kinds)
    assert len({name.casefold() for name in written}) == len(written) == len(files) * len(kinds)


def test_two_forms_of_an_accent_are_one_name_to_some_file_systems(tmp_path):
    photos = touch(tmp_path / "photos", "\u00e9.jpg", "e\u0301.jpg")
    written = names(tmp_path, [photos])
    assert len({unicodedata.normalize("NFC", name) for name in written}) == 2


def test_outputs_are_never_inputs(tmp_path):
    photos = touch(tmp_path / "photos", "a.png", "a_png.png", "b.jpg", "b_overlay.jpg")
    inputs = sorted(photos.iterdir())
    written = names(tmp_path, inputs, ("png16", "overlay"), photos)
    assert not {photos / name for name in written} & set(inputs)


def test_an_image_given_twice_is_read_once(tmp_path):
    photos = touch(tmp_path / "photos", "a.jpg")
    assert names(tmp_path, [photos / "a.jpg", photos, photos / "a.jpg"]) == ["a.npy"]


def test_outputs_of_an_earlier_run_are_not_read(tmp_path):
    touch(tmp_path, "a.jpg", "out/a_overlay.jpg")
    assert names(tmp_path, [tmp_path]) == ["a.npy"]


def test_bad_paths_are_named(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (empty, tmp_path / "missing", Path("no/such.jpg")):
        with pytest.raises(UserError, match=path.name):
            find_photos([path], tmp_path / "out")
    with pytest.raises(UserError, match="output"):
        find_photos([touch(tmp_path / "p", "a.jpg")], tmp_path / "p")

"""Which file is the map of which image: by name, and never by guess."""

import unicodedata
from pathlib import PurePosixPath

import pytest

from samjax.errors import UserError
from samjax.evaluation.map_matching import image_names, match_maps


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def matched(folder, ids):
    found = match_maps(folder, ids)
    return {k: [p.relative_to(folder).as_posix() for p in v] for k, v in found.files.items()}


def test_maps_lie_where_their_images_lie(tmp_path):
    touch(tmp_path, "Action/001.npy", "Art/001.npy", "Art/002.png", ".git/Art/003.npy")
    ids = ["Action/001", "Art/001", "Art/003"]
    assert matched(tmp_path, ids) == {"Action/001": ["Action/001.npy"], "Art/001": ["Art/001.npy"]}
    found = match_maps(tmp_path, ids)
    assert found.missing == ["Art/003"]
    assert [path.name for path in found.surplus] == ["002.png"]


def test_another_folder_will_do_where_the_stem_is_the_only_one(tmp_path):
    touch(tmp_path, "a.npy", "deep/er/b.npy")
    assert matched(tmp_path, ["x/a", "b"]) == {"x/a": ["a.npy"], "b": ["deep/er/b.npy"]}


def test_one_map_never_serves_several_images(tmp_path):
    touch(tmp_path, "001.npy")
    with pytest.raises(UserError, match=r"001\.npy would be the map of 2 images called 001"):
        match_maps(tmp_path, ["Action/001", "Art/001"])
    # The map in one image's place is not taken for the other's, which has none.
    touch(tmp_path / "own", "Action/001.npy")
    assert match_maps(tmp_path / "own", ["Action/001", "Art/001"]).missing == ["Art/001"]


def test_one_image_never_has_one_of_several_maps(tmp_path):
    touch(tmp_path, "old/a.npy", "new/a.npy")
    with pytest.raises(UserError, match=r"image a may have 2 maps"):
        match_maps(tmp_path, ["a"])
    touch(tmp_path, "a.npy")
    assert matched(tmp_path, ["a"]) == {"a": ["a.npy"]}


def test_files_of_one_name_come_the_finest_first(tmp_path):
    touch(tmp_path, "a.jpg", "a.PNG", "a.npy", "a.h5", "b.v2.png")
    assert matched(tmp_path, ["a", "b.v2"]) == {
        "a": ["a.npy", "a.h5", "a.PNG", "a.jpg"],
        "b.v2": ["b.v2.png"],
    }


def test_accents_may_be_written_in_either_form(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    touch(tmp_path, f"{decomposed}/{composed}.npy")
    assert list(match_maps(tmp_path, [f"{composed}/{decomposed}"]).files) == [
        f"{composed}/{decomposed}"
    ]


def test_no_match_is_an_error(tmp_path):
    with pytest.raises(UserError, match=r"c\.npy"):
        match_maps(tmp_path, ["c"])
    with pytest.raises(UserError, match="folder"):
        match_maps(tmp_path / "x", ["c"])


def test_maps_are_called_as_predict_calls_them():
    paths = [PurePosixPath(name) for name in ("a.jpg", "a.png", "b.jpg", "x/a.jpg")]
    assert image_names(paths) == ["a_jpg", "a_png", "b", "x/a"]

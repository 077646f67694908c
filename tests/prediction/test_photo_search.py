"""Which files are photographs, which are pictures that cannot be read, and which are neither."""

import os

import numpy as np
import pytest
from PIL import Image

from samjax.errors import UserError
from samjax.pictures.marks import MARK
from samjax.prediction.outputs import plan_outputs, write_outputs
from samjax.prediction.photo_search import find_photos


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    picture(folder / "a.jpg")
    return folder


def picture(path, format="JPEG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (9, 8, 7)).save(path, format)


def search(folder):
    found = find_photos([folder], folder.parent / "out")
    names = [photo.path.relative_to(folder).as_posix() for photo in found.photos]
    return names, {path.name: why for path, why in found.failed}, " ".join(found.notes)


def test_content_tells_where_the_ending_does_not(folder):
    picture(folder / "b.jpeg_large")
    picture(folder / "c", "PNG")
    picture(folder / "d.jpg~")
    picture(folder / "e.jpg_original")
    picture(folder / "f.JPEG.part")
    (folder / "g.txt").write_text("no picture")
    assert search(folder) == (["a.jpg", "b.jpeg_large", "c"], {}, "")


@pytest.mark.parametrize("name", ["b.dng", "b.CR2", "b.jxl", "b.exr"])
def test_pictures_of_formats_that_are_not_read_are_failures(folder, name):
    (folder / name).write_bytes(b"x" * 50)
    names, failed, _ = search(folder)
    assert names == ["a.jpg"]
    assert "export it as JPEG" in failed[name]


def test_drawings_are_named_and_no_failures(folder):
    (folder / "b.svg").write_text("<svg/>")
    assert search(folder) == (
        ["a.jpg"],
        {},
        f"{folder}: left out drawings, which have no pixels: b.svg",
    )


def test_a_folder_of_unreadable_pictures_is_no_empty_folder(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p/b.nef").write_bytes(b"x")
    found = find_photos([tmp_path / "p"], tmp_path / "out")
    assert not found.photos
    assert len(found.failed) == 1


def test_what_samjax_wrote_is_no_photograph(folder, rng):
    found = find_photos([folder], folder / "out")
    kinds = ("npy", "png16", "png8", "heatmap", "overlay")
    plan = plan_outputs(found.photos, folder / "maps", kinds)[0]
    saliency = rng.random((6, 8), np.float32)
    image = np.zeros((6, 8, 3), np.uint8)
    write_outputs({kind: path for (kind, _), path in plan.files.items()}, saliency, image)
    assert len(list((folder / "maps").iterdir())) == 5
    for path in (folder / "maps").iterdir():
        if path.suffix != ".npy":
            assert MARK in path.read_bytes()
            with Image.open(path) as opened:  # the mark leaves a whole picture
                opened.load()
    names, failed, notes = search(folder)
    assert (names, failed) == (["a.jpg"], {})
    assert "left out what samjax wrote before" in notes


def test_names_of_former_versions_tell_too(folder):
    picture(folder / "old/a_overlay.jpg")
    (folder / "old/a.npy").write_bytes(b"")
    picture(folder / "b_overlay.jpg")  # somebody's own
    assert search(folder)[0] == ["a.jpg", "b_overlay.jpg"]


def test_broken_links_to_pictures_are_failures(folder):
    os.symlink("nowhere.jpg", folder / "b.jpg")
    os.symlink("loop", folder / "loop")
    names, failed, notes = search(folder)
    assert names == ["a.jpg"]
    assert failed == {"b.jpg": "a link to what is not there (nowhere.jpg)"}
    assert "loop: a link that leads to itself" in notes


def test_two_links_to_one_picture_are_two_images(folder):
    for name in ("1.jpg", "2.jpg"):
        os.symlink("a.jpg", folder / name)
    assert search(folder)[0] == ["1.jpg", "2.jpg", "a.jpg"]


def test_a_named_file_is_read_whatever_it_is_called(tmp_path):
    picture(tmp_path / ".hidden.bak")
    found = find_photos([tmp_path / ".hidden.bak"], tmp_path / "out")
    assert [photo.path.name for photo in found.photos] == [".hidden.bak"]


def test_odd_arguments_are_named(folder):
    with pytest.raises(UserError, match="a path is empty"):
        find_photos([folder, ""], folder / "out")
    with pytest.raises(UserError, match=r"a\.jpg is a file; name a folder"):
        find_photos([folder], folder / "a.jpg")


def test_a_pipe_and_a_broken_link_are_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    os.symlink("nowhere", tmp_path / "link.jpg")
    with pytest.raises(UserError, match=r"pipe\.jpg is neither a file nor a folder"):
        find_photos([tmp_path / "pipe.jpg"], tmp_path / "out")
    with pytest.raises(UserError, match=r"link\.jpg does not exist \(it is a link to nowhere\)"):
        find_photos([tmp_path / "link.jpg"], tmp_path / "out")

"""Files as their user sees them: links followed once, junk left out, loops without an end."""

import os

import pytest

from samjax.files.walk import walk


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def names(root):
    return [path.relative_to(root).as_posix() for path in walk(root).files]


def test_what_is_no_content_is_left_out(tmp_path):
    touch(tmp_path, "a.jpg", "b/c.jpg", ".d.jpg", ".git/e.jpg", "__MACOSX/f.jpg", "b/@eaDir/g.jpg")
    touch(tmp_path, "Thumbnails/h.jpg", "$RECYCLE.BIN/i.jpg", ".Trash-1000/files/j.jpg")
    assert names(tmp_path) == ["a.jpg", "b/c.jpg"]
    (note,) = walk(tmp_path).notes
    assert note.endswith("$RECYCLE.BIN (1), @eaDir (1), Thumbnails (1), __MACOSX (1)")
    assert [path.name for path in walk(tmp_path / ".git").files] == ["e.jpg"]  # if it is named


def test_links_to_files_keep_their_names(tmp_path):
    touch(tmp_path, "store/key", "annex/x")
    for name in ("1.jpg", "2.jpg"):
        os.symlink("../store/key", tmp_path / "annex" / name)
    assert names(tmp_path / "annex") == ["1.jpg", "2.jpg", "x"]
    assert walk(tmp_path / "annex").notes == [
        f"2 files in {tmp_path / 'annex'} are links to files out of it"
    ]


def test_a_folder_behind_links_is_visited_once_and_by_its_own_name(tmp_path):
    touch(tmp_path, "root/z/a.jpg", "else/b.jpg")
    os.symlink("z", tmp_path / "root/a-link")
    os.symlink(tmp_path / "else", tmp_path / "root/shared")
    os.symlink(tmp_path / "else", tmp_path / "root/shared-too")
    found = walk(tmp_path / "root")
    assert names(tmp_path / "root") == ["shared/b.jpg", "z/a.jpg"]
    assert any("a-link is a link to z, which is read already" in note for note in found.notes)
    assert any(f"shared is a link to {tmp_path / 'else'}, out of" in note for note in found.notes)


def test_loops_and_broken_links_are_named(tmp_path):
    touch(tmp_path, "a.jpg", "sub/b.jpg")
    os.symlink("self", tmp_path / "self")
    os.symlink("..", tmp_path / "sub/up")
    os.symlink("missing.jpg", tmp_path / "gone.jpg")
    os.symlink(".hidden", tmp_path / ".hidden")
    found = walk(tmp_path)
    assert names(tmp_path) == ["a.jpg", "sub/b.jpg"]
    assert {path.name: why for path, why in found.problems} == {
        "self": "a link that leads to itself (self)",
        "gone.jpg": "a link to what is not there (missing.jpg)",
    }


def test_pipes_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    assert names(tmp_path) == []


def test_a_missing_folder_is_a_problem(tmp_path):
    assert walk(tmp_path / "none").problems == [(tmp_path / "none", "No such file or directory")]


def test_names_that_are_no_utf_8_are_names(tmp_path):
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"")
    except OSError:
        pytest.skip("this file system wants UTF-8")
    assert [os.fsencode(path.name) for path in walk(tmp_path).files] == [b"caf\xe9.jpg"]

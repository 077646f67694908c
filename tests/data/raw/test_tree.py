"""Folders and archives are one tree of names: links followed, hostile archives refused."""

import io
import os
import tarfile
import zipfile

import pytest
from raw_files import put

from samjax.data.raw.lookup import files_by_key, only_file
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree
from samjax.errors import UserError


def kinds(tree: Tree) -> dict:
    return {problem.where: problem.kind for problem in tree.warnings.kept}


def test_files_behind_links_have_the_names_that_the_user_gave(tmp_path):
    put(tmp_path / "store/7f3a.jpg", b"image")
    put(tmp_path / "elsewhere/b.jpg", b"other")
    root = tmp_path / "data"
    (root / "images").mkdir(parents=True)
    os.symlink("../../store/7f3a.jpg", root / "images/a.jpg")
    os.symlink("../elsewhere", root / "train")
    tree = Tree(root)
    assert tree.names == ("images/a.jpg", "train/b.jpg")
    assert tree.read("images/a.jpg") == b"image"
    assert set(kinds(tree).values()) == {"link out of the source"}


def test_circles_broken_and_second_links_are_named_and_end(tmp_path):
    put(tmp_path / "real/a.txt", b"")
    os.symlink("..", tmp_path / "real/up")
    os.symlink("nowhere", tmp_path / "gone")
    os.symlink("self", tmp_path / "self")
    os.symlink("real", tmp_path / "x")
    os.symlink("real", tmp_path / "y")
    tree = Tree(tmp_path)
    assert tree.names == ("real/a.txt", "x/a.txt")
    assert kinds(tree) == {
        "gone": "broken link",
        "self": "broken link",
        "real/up": "link in a circle",
        "x/up": "link in a circle",
        "y": "second link to a folder",
    }


def test_a_chain_of_double_links_does_not_double_the_work(tmp_path):
    for level in range(40):
        (tmp_path / f"d{level}").mkdir()
        for name in "ab":
            os.symlink(f"../d{level + 1}", tmp_path / f"d{level}/{name}")
    put(tmp_path / "d40/file", b"")
    assert len(Tree(tmp_path).names) == 2


def test_what_systems_put_beside_a_dataset_is_left_out(tmp_path):
    for name in (".hidden/a.jpg", "__MACOSX/._a.jpg", "@eaDir/a.jpg", "Thumbs.db", "a.jpg~", "b"):
        put(tmp_path / name, b"")
    assert Tree(tmp_path).names == ("b",)


def test_a_name_that_is_no_text_is_an_error_and_hides_no_other(tmp_path):
    put(tmp_path / "a.jpg", b"")
    with open(os.fsencode(tmp_path) + b"/\xfc.jpg", "wb"):
        pass
    tree = Tree(tmp_path)
    assert tree.names == ("a.jpg",)
    assert [str(p) for p in tree.errors.kept] == [r"\xfc.jpg: rename the file"]


def test_links_and_old_separators_in_archives_are_followed(tmp_path):
    with tarfile.open(tmp_path / "t.tar.bz2", "w:bz2") as archive:
        info = tarfile.TarInfo("./d/a.jpg")
        info.size = 2
        archive.addfile(info, io.BytesIO(b"hi"))
        for name, kind, target in (
            ("./d/hard.jpg", tarfile.LNKTYPE, "./d/a.jpg"),
            ("./d/soft.jpg", tarfile.SYMTYPE, "a.jpg"),
            ("./d/loop.jpg", tarfile.SYMTYPE, "loop.jpg"),
            ("./d/out.jpg", tarfile.SYMTYPE, "/etc/passwd"),
        ):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, target
            archive.addfile(link)
    with zipfile.ZipFile(tmp_path / "z.ZIP", "w") as archive:
        archive.writestr("sub\\b.jpg", b"ho")
    tree = Tree(tmp_path)
    assert tree.names == ("t/d/a.jpg", "t/d/hard.jpg", "t/d/soft.jpg", "z/sub/b.jpg")
    assert [tree.read(name) for name in tree.names] == [b"hi", b"hi", b"hi", b"ho"]
    assert [tree.size(name) for name in tree.names] == [2, 2, 2, 2]
    assert list(kinds(tree).values()) == ["broken link", "broken link"]


def test_a_damaged_archive_is_an_error_beside_others_and_ends_the_run_alone(tmp_path):
    put(tmp_path / "a.zip", b"PK\x03\x04 cut off")
    put(tmp_path / "b.rar", b"Rar!")
    put(tmp_path / "c.txt", b"")
    tree = Tree(tmp_path)
    assert tree.names == ("b.rar", "c.txt")
    assert dict(tree.errors.counts) == {"unreadable archive": 1}
    assert dict(tree.warnings.counts) == {"archive not read": 1}
    with pytest.raises(UserError, match="get it again"):
        Tree(tmp_path / "a.zip")


def test_members_that_unpack_without_end_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("zeros", "w") as member:
            for _ in range(65):
                member.write(bytes(2**20))
        archive.writestr("good", b"x")
    tree = Tree(tmp_path)
    assert tree.read("a/good") == b"x"
    with pytest.raises(UserError, match=r"zeros in .* holds more than 64 MiB"):
        tree.read("a/zeros")
    header = tarfile.TarInfo("huge")
    header.size = 2**40
    put(tmp_path / "b.tar", header.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    with pytest.raises(UserError, match=r"cannot be read|holds more"):
        Tree(tmp_path / "b.tar").read("b/huge")


def test_copies_are_compared_by_their_bytes(tmp_path):
    for name, content in (("x/a.mat", b"one"), ("y/a.mat", b"one"), ("z/a.mat", b"two")):
        put(tmp_path / name, content)
    warnings = Problems()
    assert files_by_key(Tree(tmp_path), r"(a)\.mat", warnings) == {"a": "x/a.mat"}
    assert [problem.where for problem in warnings.kept] == ["z/a.mat"]
    with pytest.raises(UserError, match="keep one"):
        only_file(Tree(tmp_path), r"a\.mat", "a.mat")


def test_the_state_changes_with_a_file_that_keeps_its_size_and_time(tmp_path):
    put(tmp_path / "a", b"one")
    os.utime(tmp_path / "a", ns=(5, 5))
    before = Tree(tmp_path).state()
    assert Tree(tmp_path).state() == before
    (tmp_path / "a").write_bytes(b"two")
    os.utime(tmp_path / "a", ns=(5, 5))
    assert Tree(tmp_path).state() != before

"""What is at an address is whole at every moment, whenever the copying breaks off."""

import shutil
from pathlib import Path

import fsspec
import pytest

from samjax.errors import UserError
from samjax.files.address import filesystem, is_address
from samjax.files.mirror import Mirror, Rules

FILES = ("a", "b", "sub/c")
RULES = Rules(
    ignores=lambda name: name.endswith(".lock"),
    is_marker=lambda name: name.endswith("/mark"),
    needs_marker=lambda name: f"{name.partition('/')[0]}/mark" if name.startswith("box") else "",
)


def write(folder: Path, box: str, text: str) -> None:
    for name in (*FILES, "mark"):
        path = folder / box / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def downloaded(address: str, folder: Path) -> dict[str, str]:
    folder.mkdir()
    Mirror(address, folder, RULES).download()
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


@pytest.fixture
def mirror(tmp_path) -> Mirror:
    (tmp_path / "here").mkdir()
    return Mirror(f"memory://{tmp_path.name}/there", tmp_path / "here", RULES)


def test_the_folder_comes_back_but_for_what_is_ignored(mirror, tmp_path):
    write(mirror.folder, "box1", "one")
    (mirror.folder / "log.txt").write_text("line\n", "utf-8")
    (mirror.folder / ".lock").touch()
    mirror.upload()
    found = downloaded(mirror.address, tmp_path / "back")
    assert found == {"log.txt": "line\n"} | {f"box1/{n}": "one" for n in (*FILES, "mark")}


def test_only_changes_are_copied_and_what_is_gone_here_goes_there(mirror, tmp_path, monkeypatch):
    write(mirror.folder, "box1", "one")
    write(mirror.folder, "box2", "two")
    mirror.upload()
    put = []
    store = type(fsspec.filesystem("memory"))
    real = store.put_file
    monkeypatch.setattr(
        store, "put_file", lambda self, a, b, **k: (put.append(b), real(self, a, b))
    )
    for name in (*FILES, "mark"):
        (mirror.folder / "box1" / name).unlink()
    (mirror.folder / "box2" / "a").write_text("changed", "utf-8")
    mirror.upload(removes=False)
    assert put == [f"{mirror.address}/box2/a"]
    assert "box1/mark" in downloaded(mirror.address, tmp_path / "kept")
    mirror.upload()
    assert {n.partition("/")[0] for n in downloaded(mirror.address, tmp_path / "back")} == {"box2"}


def test_wherever_the_copying_breaks_off_every_box_is_whole_or_not_there(
    mirror, tmp_path, monkeypatch
):
    """The run replaces box1 by box3 and writes box2 anew, and is killed at each call in turn."""
    store = type(fsspec.filesystem("memory"))
    put, remove = store.put_file, store.rm_file
    left = [10**6]

    def counted(call):
        def run(*args, **options):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return call(*args, **options)

        return run

    monkeypatch.setattr(store, "put_file", counted(put))
    monkeypatch.setattr(store, "rm_file", counted(remove))
    ends = set()
    for calls in range(99):
        folder = tmp_path / f"here{calls}"
        folder.mkdir()
        trial = Mirror(f"memory://{tmp_path.name}/{calls}", folder, RULES)
        left[0] = 10**6
        write(folder, "box1", "one")
        write(folder, "box2", "old")
        trial.upload()
        for name in (*FILES, "mark"):
            (folder / "box1" / name).unlink()
        write(folder, "box2", "newer")
        write(folder, "box3", "three")
        left[0] = calls
        try:
            trial.upload()
            finished = True
        except KeyboardInterrupt:
            finished = False
        left[0] = 10**6
        found = downloaded(trial.address, tmp_path / f"back{calls}")
        boxes: dict[str, dict[str, str]] = {}
        for name, text in found.items():
            box, _, file = name.partition("/")
            boxes.setdefault(box, {})[file] = text
        for box, files in boxes.items():
            assert set(files) == {*FILES, "mark"}, (calls, box)
            assert len(set(files.values())) == 1, (calls, box)
        assert boxes, calls  # something to go on from at every moment
        ends.add(frozenset((box, files["a"]) for box, files in boxes.items()))
        if finished:
            break
    assert frozenset({("box2", "newer"), ("box3", "three")}) in ends
    assert len(ends) > 2


def test_the_next_upload_removes_what_a_killed_one_left(mirror, tmp_path):
    store = fsspec.filesystem("memory")
    store.pipe_file(f"{mirror.address}/box7/a", b"half")
    mirror.download()
    assert list(mirror.folder.iterdir()) == []
    mirror.upload()
    assert not store.exists(f"{mirror.address}/box7/a")


def test_a_name_that_leads_out_of_the_folder_is_refused(mirror):
    fsspec.filesystem("memory").pipe_file(f"{mirror.address}/..\\evil", b"x")
    with pytest.raises(UserError, match=r"has a file with the name \.\.\\evil; move it away"):
        mirror.download()


def test_what_cannot_be_written_is_one_line_and_tried_again(mirror, monkeypatch, tmp_path):
    store = type(fsspec.filesystem("memory"))

    def refuse(*_, **__):
        raise PermissionError("Forbidden")

    write(mirror.folder, "box1", "one")
    with monkeypatch.context() as patch:
        patch.setattr(store, "put_file", refuse)
        with pytest.raises(UserError, match=r"there cannot be written \(Forbidden\)"):
            mirror.upload()
    assert downloaded(mirror.address, tmp_path / "none") == {}
    mirror.upload()
    assert "box1/mark" in downloaded(mirror.address, tmp_path / "back")


def test_who_reads_while_a_run_replaces_a_box_gets_the_new_one(mirror, tmp_path, monkeypatch):
    write(mirror.folder, "box1", "one")
    mirror.upload()
    store = type(fsspec.filesystem("memory"))
    real, calls = store.get_file, []

    def get_file(self, *args, **options):
        calls.append(args)
        if len(calls) == 2:  # one file of the box is here already
            shutil.rmtree(mirror.folder / "box1")
            write(mirror.folder, "box2", "two")
            mirror.upload()
        return real(self, *args, **options)

    monkeypatch.setattr(store, "get_file", get_file)
    found = downloaded(mirror.address, tmp_path / "back")
    assert found == {f"box2/{name}": "two" for name in (*FILES, "mark")}


def test_an_address_is_told_from_a_folder():
    assert is_address("s3://bucket/run")
    assert not is_address("runs/demo")
    assert not is_address("C://runs/demo")
    assert is_address("simplecache::s3://bucket/run")
    assert not is_address(Path("/runs/demo"))
    assert not is_address(None)


def test_an_unknown_protocol_is_refused():
    with pytest.raises(UserError, match="nowhere://x cannot be opened"):
        filesystem("nowhere://x")

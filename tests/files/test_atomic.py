"""Files appear complete or not at all."""

import pytest

from samjax.files.atomic import write_atomic


def test_writes_text_and_bytes_into_new_folders(tmp_path):
    assert write_atomic(tmp_path / "a" / "b.txt", "µ").read_bytes() == "µ".encode()
    assert write_atomic(tmp_path / "a" / "b.txt", b"new").read_bytes() == b"new"
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b.txt"]


def test_failure_leaves_the_old_file_and_no_fragment(tmp_path):
    write_atomic(tmp_path / "b", "old")
    with pytest.raises(TypeError):
        write_atomic(tmp_path / "b", 3)
    assert (tmp_path / "b").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1

"""A checkpoint's record tells every change of its files; one without a record is a former one."""

import json
import os

import pytest

from samjax.training.record import (
    MARK,
    ORBAX_DESCRIPTION,
    ORBAX_SCORE,
    RECORD,
    DamagedError,
    MadeWith,
    Record,
    digest,
    read_record,
    verify,
    write_record,
)

MADE_WITH = MadeWith({"model": {"zoom": (1.0, 2.0)}}, {"train": {"osie": {"images": 500}}})


@pytest.fixture
def folder(tmp_path):
    """A checkpoint of two items, made of arbitrary bytes."""
    path = tmp_path / "8"
    for name, data in (
        ("params/a", b"parameters"),
        ("ema/d/b", b"averages"),
        ("params/_META", b"m"),
    ):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    (path / ORBAX_DESCRIPTION).write_text(json.dumps({"custom_metadata": MARK}))
    write_record(path, Record(8, -1.5, [{"loss": [1.0, 2]}], MADE_WITH, None))
    return path


def problem(path, items=None) -> str:
    with pytest.raises(DamagedError) as error:
        verify(path, read_record(path), items)
    assert str(error.value) == f"{path} is damaged: {error.value.problem}"
    return error.value.problem


def test_a_record_is_read_as_it_was_written(folder):
    record = read_record(folder)
    assert (record.step, record.score, record.unlogged) == (8, -1.5, [{"loss": [1.0, 2]}])
    assert record.made_with.config == {"model": {"zoom": [1.0, 2.0]}}
    assert record.made_with.data == MADE_WITH.data
    assert set(record.files) == {"params/a", "params/_META", "ema/d/b", ORBAX_DESCRIPTION}
    verify(folder, record)


def test_a_score_that_is_no_number_is_none(folder):
    write_record(folder, Record(8, float("nan"), [], MADE_WITH, None))
    assert read_record(folder).score is None


def test_every_change_of_a_file_is_told(folder):
    path = folder / "params/a"
    path.write_bytes(b"parameterS")
    assert problem(folder) == "params/a is not what was written"
    path.write_bytes(b"param")
    assert problem(folder) == "params/a has 5 bytes, not 10"
    path.unlink()
    assert problem(folder) == "params/a is missing"


def test_only_the_items_that_are_read_are_verified(folder):
    (folder / "ema/d/b").write_bytes(b"x")
    verify(folder, read_record(folder), ("params",))
    assert problem(folder, ("params", "ema")).startswith("ema/d/b")
    (folder / ORBAX_DESCRIPTION).write_bytes(b"{}")  # describes the whole
    assert problem(folder, ("params",)).startswith(ORBAX_DESCRIPTION)


def test_a_file_that_does_not_belong_to_it_does_not_matter(folder):
    (folder / "params/.nfs0001").write_bytes(b"of a file system")
    verify(folder, read_record(folder))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace("-1.5", "-1.4"),
        lambda text: text.replace("zoom", "zoon"),
        lambda text: text.replace("digest", "digesT"),
    ],
)
def test_a_record_with_another_content_is_damaged(folder, change):
    path = folder / RECORD
    path.write_text(change(path.read_text()))
    assert problem(folder) == f"{RECORD} cannot be read"


def test_a_record_that_was_removed_is_missed(folder):
    (folder / RECORD).unlink()
    assert problem(folder) == f"{RECORD} is missing"


def test_a_checkpoint_of_a_former_version_has_its_score_and_nothing_to_verify(folder):
    (folder / RECORD).unlink()
    fields = {"item_handlers": {"metrics": "a handler"}, "custom_metadata": {}}
    (folder / ORBAX_DESCRIPTION).write_text(json.dumps(fields))
    (folder / ORBAX_SCORE).parent.mkdir()
    (folder / ORBAX_SCORE).write_text('{"score": -2.5}')
    record = read_record(folder)
    assert record == Record(8, -2.5, [], MadeWith({}, {}), None)
    verify(folder, record)
    (folder / ORBAX_SCORE).write_text('{"sc')
    assert ORBAX_SCORE in problem(folder)
    (folder / ORBAX_SCORE).unlink()
    assert ORBAX_SCORE in problem(folder)


def test_the_digest_tells_single_bits_across_blocks(tmp_path):
    path = tmp_path / "file"
    data = bytearray(os.urandom(2**22 + 5))
    path.write_bytes(data)
    digests = {digest(path)}
    for position in (0, 2**22, len(data) - 1):
        data[position] ^= 1
        path.write_bytes(data)
        digests.add(digest(path))
    assert len(digests) == 4

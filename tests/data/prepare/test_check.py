"""`samjax prepare --check` finds each kind of error, and none in what prepare wrote."""

import json
from dataclasses import replace

import numpy as np
import pytest
from fake_workers import fake_workers
from published_files import HEIGHT, WIDTH, dataset, jpeg, write_files
from table_files import write_table

from samjax.cli import main
from samjax.data.example import Example, Facts, Sigma
from samjax.data.prepare import check as check_module
from samjax.data.prepare.check import check_dataset
from samjax.data.prepare.from_published import prepare_published
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.prepare.from_tables import prepare_table
from samjax.data.prepare.report import read_report
from samjax.data.prepare.shards import serialize, shard_name, write_info, write_shard
from samjax.data.sources import open_dataset
from samjax.data.synthetic.scenes import SceneSpec


def example(i: int) -> Example:
    return Example(
        image=jpeg(i),
        image_id=f"i{i}",
        height=HEIGHT,
        width=WIDTH,
        points=np.array([[0, 0], [WIDTH - 1, HEIGHT - 1]], np.float32),
        subject=np.zeros(2, np.int32),
        duration_ms=np.full(2, np.nan, np.float32),
        order=np.arange(2, dtype=np.int32),
    )


GOOD = [example(i) for i in range(3)]


def check(data_dir, records, lengths=None, declared=0) -> list[str]:
    """Return the errors of a dataset `bad` with these records, serialized.

    dataset_info.json says that there are `lengths` of them.
    """
    directory = data_dir / "bad" / "1.0.0"
    directory.mkdir(parents=True)
    write_shard(directory / shard_name("bad", "train", 0, 1), records)
    write_info(directory, "bad", Facts(sigma=Sigma(pixels=3.0)), {"train": [lengths or 3]})
    return list(check_dataset(open_dataset("bad", data_dir), declared))


def points(*rows) -> dict:
    n = len(rows)
    return {
        "points": np.array(rows, np.float32).reshape(-1, 2),
        "subject": np.zeros(n, np.int32),
        "duration_ms": np.zeros(n, np.float32),
        "order": np.zeros(n, np.int32),
    }


PLANTED = {
    "the image cannot be decoded": {"image": jpeg(1)[:-300]},
    "the image has 64 x 24 pixels, not 32 x 24": {"image": jpeg(1, HEIGHT, 2 * WIDTH)},
    "fixation 1 at (31.5, 0) is outside": points((0, 0), (WIDTH - 0.5, 0)),
    "fixation 0 at (3, -1) is outside": points((3, -1)),
    "fixation 0 at (nan, 1) is outside": points((np.nan, 1)),
    "fixation 0 at (1, inf) is outside": points((1, np.inf)),
    "density: cannot decode": {"density": b"\x89PNG, or not"},
    "the image id is empty": {"image_id": ""},
    "train[0] has the same image id": {"image_id": "i0"},
    "order has 1 values for 2 fixations": {"order": np.zeros(1, np.int32)},
}


@pytest.mark.parametrize("planted", PLANTED)
def test_each_planted_error_is_one_line(tmp_path, planted):
    bad = replace(GOOD[1], **PLANTED[planted])
    errors = check(tmp_path, [serialize(e) for e in (GOOD[0], bad, GOOD[2])])
    assert len(errors) == 1
    assert planted in errors[0]
    assert errors[0].startswith("train[1]")


def test_a_record_that_is_no_example(tmp_path):
    errors = check(tmp_path, [serialize(GOOD[0]), b"\xff\xff", serialize(GOOD[1])])
    assert len(errors) == 1
    assert "train[1] : the record cannot be read" in errors[0]


def test_counts_that_differ(tmp_path):
    [error] = check(tmp_path, map(serialize, GOOD), lengths=2)
    assert "has 3 records, but dataset_info.json says 2" in error


def test_a_missing_and_a_damaged_shard(tmp_path):
    assert not check(tmp_path, map(serialize, GOOD))
    dataset = open_dataset("bad", tmp_path)
    [shard] = dataset.directory.glob("*array_record*")
    shard.write_bytes(shard.read_bytes()[:-100])
    assert len(list(check_dataset(dataset, 0))) == 1
    shard.unlink()
    assert list(check_dataset(dataset, 0)) == [f"{shard} is not there"]


def test_another_size_may_be_declared(tmp_path):
    resized = replace(GOOD[1], image=jpeg(1, 2 * HEIGHT, 2 * WIDTH))
    records = [serialize(e) for e in (GOOD[0], resized, GOOD[2])]
    assert not check(tmp_path / "a", records, declared=1)
    assert not check(tmp_path / "b", records, declared=None)
    [error] = check(tmp_path / "c", records, declared=2)
    assert error == "1 images have another size, but report.json declares 2"


def test_processes_find_the_same(tmp_path, monkeypatch):
    asked = fake_workers(monkeypatch, check_module)
    bad = [replace(GOOD[1], image_id=f"{i}", **points((-i, 0))) for i in range(3)]
    errors = check(tmp_path, map(serialize, bad))
    assert len(errors) == 2
    assert list(check_dataset(open_dataset("bad", tmp_path), 0, jobs=2)) == errors
    assert asked == [1, 2]


def test_what_prepare_writes_has_no_error(tmp_path):
    prepared = [
        prepare_published(dataset(), write_files(tmp_path / "raw"), data_dir=tmp_path),
        prepare_table(write_table(tmp_path / "table"), "mine", data_dir=tmp_path, sigma=3),
        prepare_synthetic(data_dir=tmp_path, spec=SceneSpec(48, 64), counts={"train": 2}),
    ]
    for written in prepared:
        assert not list(check_dataset(written, read_report(written)["resized"]))


def test_the_command_exits_with_1_if_there_is_an_error(tmp_path, capsys):
    write_files(tmp_path / "raw")
    (tmp_path / "raw" / "train" / "t001.jpg").write_bytes(jpeg(0, 2 * HEIGHT, 2 * WIDTH))
    written = prepare_published(dataset(), tmp_path / "raw", data_dir=tmp_path)
    command = ["prepare", "--check", "tiny_2020", "--data_dir", str(tmp_path)]
    assert main(command) == 0
    assert capsys.readouterr().out == "tiny_2020: 8 images, no fault\n"
    report = written.directory / "report.json"
    report.write_text(json.dumps(json.loads(report.read_text()) | {"resized": 0}))
    assert main(command) == 1
    assert capsys.readouterr().out.count("\n") == 1
    assert main(["prepare", "--check", "nothing", "--data_dir", str(tmp_path)]) == 1


def test_the_command_doubts_fixations_that_cannot_be_pixels(tmp_path, capsys):
    records = [replace(e, **points((0.25, 0.5), (0.75, 0.125))) for e in GOOD]
    assert not check(tmp_path, map(serialize, records))
    assert main(["prepare", "--check", "bad", "--data_dir", str(tmp_path)]) == 0
    assert "lie between 0 and 1" in capsys.readouterr().err

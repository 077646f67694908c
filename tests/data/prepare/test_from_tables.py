"""A table is prepared whole or not at all, and the report says what was left out."""

import itertools
import os

import pytest
from table_files import BAD_ROWS, append_rows, write_table

from samjax.cli import main
from samjax.data.prepare import shard_writer
from samjax.data.prepare.from_tables import prepare_table
from samjax.data.prepare.report import read_report
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.files.json_file import write_json


@pytest.fixture
def source(tmp_path):
    return write_table(tmp_path / "source")


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "a" / "data"


def spoil(source):
    """Add two errors of fixations and one of images."""
    append_rows(source / "fixations.csv.gz", *[BAD_ROWS["point outside its image"][1]] * 2)
    append_rows(source / "images.csv", BAD_ROWS["missing image file"][1])


def test_an_error_fails_and_leaves_nothing(source, data_dir):
    spoil(source)
    with pytest.raises(UserError, match="1 missing image file, 2 point outside its image"):
        prepare_table(source, "mine", data_dir=data_dir)
    assert not data_dir.parent.exists()


def test_every_kind_of_error_is_skipped_and_counted(source, data_dir):
    for file, row in BAD_ROWS.values():
        append_rows(source / file, row)
    dataset = prepare_table(source, "mine", data_dir=data_dir, on_error="skip")
    assert dataset.splits == {"train": 3, "validation": 1}
    report = read_report(dataset)
    # Their files are not there, so these count as missing.
    absent = {"wrong image size", "unreadable image file", "unreadable density file"}
    assert set(report["faults"]) == set(BAD_ROWS) - absent
    assert {row["kind"] for row in report["rows"]} == set(report["faults"])
    assert all("line" in row["where"] for row in report["rows"])


def test_a_dataset_is_replaced_only_on_request_and_by_a_whole_one(source, data_dir):
    prepare_table(source, "mine", data_dir=data_dir, sigma=5)
    with pytest.raises(UserError, match="--overwrite"):
        prepare_table(source, "mine", data_dir=data_dir, sigma=6)
    assert open_dataset("mine", data_dir).sigma_px(60, 80) == 5
    prepare_table(source, "mine", data_dir=data_dir, sigma=6, overwrite=True)
    spoil(source)
    with pytest.raises(UserError, match="missing image file"):
        prepare_table(source, "mine", data_dir=data_dir, sigma=7, overwrite=True)
    assert open_dataset("mine", data_dir).sigma_px(60, 80) == 6
    assert [path.name for path in data_dir.iterdir()] == ["mine"]


def interrupted_after(shards: int):
    """Return `write_json` as it is when Ctrl-C is pressed after so many finished shards."""
    calls = itertools.count()

    def write(path, value, indent):
        if next(calls) == shards:
            raise KeyboardInterrupt
        return write_json(path, value, indent)

    return write


@pytest.mark.parametrize("changed", [False, True])
def test_an_interrupted_run_goes_on_unless_a_file_has_changed(
    source, data_dir, monkeypatch, capsys, changed
):
    options = {"data_dir": data_dir, "sigma": 3, "shard_bytes": 1}
    with monkeypatch.context() as context:
        context.setattr(shard_writer, "write_json", interrupted_after(2))
        with pytest.raises(KeyboardInterrupt):
            prepare_table(source, "mine", **options)
    assert "2 finished shards are kept" in capsys.readouterr().err
    if changed:
        os.utime(source / "images" / "1.png", ns=(0, 0))
    dataset = prepare_table(source, "mine", **options)
    assert ("going on after 2 of 4 shards" in capsys.readouterr().err) == (not changed)
    assert dataset.splits == {"train": 3, "validation": 1}
    assert len(Source(dataset, "validation")[0].points) == 3


def test_an_unknown_sigma_is_assumed_with_a_warning(source, data_dir, capsys):
    dataset = prepare_table(source, "mine", data_dir=data_dir)
    assert dataset.sigma_px(60, 80) == pytest.approx(2.4)
    assert "--sigma=PIXELS" in capsys.readouterr().err


def test_the_command_prints_a_line_per_split(source, data_dir, capsys):
    spoil(source)
    options = ["--data_dir", str(data_dir), "--name", "mine", "--sigma", "9"]
    command = ["prepare", "table", "--source", str(source), *options]
    assert main(command) == 1
    assert capsys.readouterr().err.count("samjax prepare: ") == 1
    assert main([*command, "--on-error=skip"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "mine train: 3 images, 3 fixations, 2 subjects",
        "mine validation: 1 images, 3 fixations, 3 subjects",
    ]
    assert "1 missing image file, 2 point outside its image" in printed.err


def test_the_folder_is_readable_by_others(source, data_dir):
    dataset = prepare_table(source, "mine", data_dir=data_dir)
    assert os.stat(dataset.directory).st_mode & 0o055 == 0o755 & ~_umask() & 0o055


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_osie_has_its_published_numbers(shared, tmp_path):
    source = shared / "data" / "osie"
    dataset = prepare_table(source, "osie", data_dir=tmp_path)
    assert dataset.splits == {"train": 500, "validation": 100}
    sources = [Source(dataset, split) for split in dataset.splits]
    examples = [source[i] for source in sources for i in range(len(source))]
    assert sum(len(example.points) for example in examples) == 84216
    assert {int(s) for example in examples for s in example.subject} == set(range(15))
    assert {(example.height, example.width, example.sigma_px) for example in examples} == {
        (600, 800, 24.0)
    }
    first = next(example for example in examples if example.image_id == "1001")
    assert first.image == (source / "images" / "1001.jpg").read_bytes()
    assert first.points[0].tolist() == pytest.approx([394.5, 264.7])
    assert first.duration_ms[0] == 246

"""Raw files become a dataset: what is odd is counted, what is unusable refused or skipped."""

import json
import zipfile

import numpy as np
import pytest
from published_files import (
    HEIGHT,
    WIDTH,
    assert_equal,
    dataset,
    examples,
    jpeg,
    loaded,
    write_files,
)

from samjax.data.prepare.from_tables import read_report
from samjax.data.prepare.from_raw import prepare_published
from samjax.data.sources import Source, open_dataset
from samjax.data.prepare.summary import left_out_lines, split_lines
from samjax.errors import UserError

ONE_BY_ONE = {"shard_bytes": 1}  # a shard for each image


@pytest.fixture
def source(tmp_path):
    return write_files(tmp_path / "raw")


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


def test_everything_arrives_as_it_was(source, data_dir):
    prepared = prepare_published(dataset(), source, data_dir=data_dir)
    assert prepared.splits == {"train": 6, "validation": 2}
    assert prepared.sigma_px(HEIGHT, WIDTH) == 4
    example = Source(prepared, "train")[5]
    assert example.image == (source / "train" / "t005.jpg").read_bytes()
    points = json.loads((source / "train" / "t005.json").read_text())
    assert example.points.tolist() == points
    assert example.subject.tolist() == [0, 1, 2, 0, 1, 2]
    assert list(data_dir.iterdir()) == [data_dir / "tiny_2020"]


def test_an_archive_is_as_good_as_a_folder(source, data_dir, tmp_path):
    archives = tmp_path / "archives"
    archives.mkdir()
    with zipfile.ZipFile(archives / "all.zip", "w") as archive:
        for path in sorted(source.rglob("*.*")):
            archive.write(path, f"top/{path.relative_to(source)}")
    folder = prepare_published(dataset(), source, data_dir=data_dir)
    packed = prepare_published(dataset(), archives, data_dir=tmp_path / "b")
    assert_equal(folder, packed)


def test_the_number_of_processes_and_of_runs_changes_no_byte(source, data_dir, tmp_path):
    files = []
    for jobs in (1, 2):
        prepared = prepare_published(
            dataset(), source, data_dir=tmp_path / str(jobs), jobs=jobs, shard_bytes=2000
        )
        files.append({path.name: path.read_bytes() for path in prepared.directory.iterdir()})
    assert files[0] == files[1]
    assert sum("array_record" in name for name in files[0]) > 3


def test_counts_are_compared_with_the_published_ones(source, data_dir):
    prepared = prepare_published(dataset(), source, data_dir=data_dir)
    assert list(split_lines(prepared)) == [
        "tiny_2020 train: 6 images, 21 fixations, 3 subjects; matches the published images and "
        "fixations",
        "tiny_2020 validation: 2 images, 3 fixations, 2 subjects; matches the published images",
    ]
    (source / "train" / "t000.jpg").unlink()
    prepared = prepare_published(dataset(), source, data_dir=data_dir, overwrite=True)
    line = next(split_lines(prepared))
    assert line.endswith("differs from the published 6 images, 21 fixations")


def test_what_is_odd_is_counted_and_never_fails(source, data_dir):
    points = [[0, 0], [WIDTH - 0.5, 3], [-3, 2], [float("nan"), 1], [WIDTH - 0.6, HEIGHT - 0.6]]
    (source / "train" / "t000.json").write_text(json.dumps(points))
    (source / "train" / "t001.json").write_text("[]")
    (source / "train" / "t002.jpg").write_bytes(jpeg(0, HEIGHT * 2, WIDTH * 2))
    (source / "stray.txt").write_text("")
    prepared = prepare_published(dataset(), source, data_dir=data_dir)
    example = Source(prepared, "train")[0]
    np.testing.assert_allclose(example.points, np.array(points, np.float32)[[0, 4]])
    assert example.order.tolist() == [0, 4]
    report = read_report(prepared)
    assert report["oddities"] == {"point outside its image": 3, "no point": 1, "stray file": 1}
    assert report["resized"] == 1
    assert {row["kind"] for row in report["rows"]} == set(report["oddities"])
    assert "3 point outside its image" in next(left_out_lines(prepared))


@pytest.fixture
def damaged(source):
    (source / "train" / "t001.jpg").write_bytes(jpeg(1)[:-200])
    (source / "train" / "t003.json").write_text("{")
    (source / "validation" / "t004.jpg").write_bytes(jpeg(1))
    (source / "validation" / "t004.json").write_text("[]")
    return source


def test_all_that_is_unusable_is_told_at_once(damaged, data_dir):
    with pytest.raises(UserError, match=r"1 duplicate image, 2 unusable image.*--on-error=skip"):
        prepare_published(dataset(), damaged, data_dir=data_dir)
    with pytest.raises(UserError, match="not prepared"):
        open_dataset("tiny_2020", data_dir)


def test_skip_leaves_the_unusable_out_and_reads_only_it_again(damaged, data_dir):
    with pytest.raises(UserError):
        prepare_published(dataset(), damaged, data_dir=data_dir, **ONE_BY_ONE)
    loaded(damaged)
    prepared = prepare_published(
        dataset(), damaged, data_dir=data_dir, on_error="skip", **ONE_BY_ONE
    )
    assert loaded(damaged) == ["t001", "t003"]
    assert prepared.splits == {"train": 4, "validation": 2}
    assert [e.image_id for e in examples(prepared)][:4] == ["t000", "t002", "t004", "t005"]
    assert read_report(prepared)["faults"] == {"unusable image": 2, "duplicate image": 1}


def test_a_mended_file_of_the_same_size_is_read_again(source, data_dir):
    good = (source / "train" / "t001.jpg").read_bytes()
    (source / "train" / "t001.jpg").write_bytes(bytes(len(good)))
    with pytest.raises(UserError, match="t001: the image cannot be decoded"):
        prepare_published(dataset(), source, data_dir=data_dir, **ONE_BY_ONE)
    (source / "train" / "t001.jpg").write_bytes(good)
    assert prepare_published(dataset(), source, data_dir=data_dir, **ONE_BY_ONE).splits == {
        "train": 6,
        "validation": 2,
    }


def test_other_files_start_anew(source, data_dir):
    (source / "train" / "t005.json").write_text("{")
    with pytest.raises(UserError):
        prepare_published(dataset(), source, data_dir=data_dir, **ONE_BY_ONE)
    loaded(source)
    (source / "train" / "t005.json").write_text("[]")
    prepare_published(dataset(), source, data_dir=data_dir, **ONE_BY_ONE)
    assert len(loaded(source)) == 8


def test_a_source_without_its_files_is_refused_and_leaves_nothing(tmp_path, data_dir):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="has none of the files of tiny_2020"):
        prepare_published(dataset(), tmp_path / "empty", data_dir=data_dir)
    assert not data_dir.exists()


def test_a_first_shard_that_fails_leaves_nothing(source, data_dir):
    def broken(tree, faults):
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        prepare_published(dataset(items=broken), source, data_dir=data_dir)
    assert not data_dir.exists()

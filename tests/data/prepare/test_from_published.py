"""Raw files become a dataset: warnings are counted, what cannot be used is refused or skipped."""

import json
import os
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

from samjax.data.prepare.from_published import prepare_published
from samjax.data.prepare.report import read_report
from samjax.data.prepare.summary import left_out_lines, split_lines
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError

ONE_BY_ONE = {"shard_bytes": 1}  # a shard for each image


@pytest.fixture
def source(tmp_path):
    return write_files(tmp_path / "raw")


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


def test_everything_arrives_as_it_was_from_a_folder_and_from_an_archive(source, data_dir, tmp_path):
    prepared = prepare_published(dataset(), source, data_dir=data_dir)
    assert prepared.splits == {"train": 6, "validation": 2}
    assert prepared.sigma_px(HEIGHT, WIDTH) == 4
    example = Source(prepared, "train")[5]
    assert example.image == (source / "train" / "t005.jpg").read_bytes()
    points = json.loads((source / "train" / "t005.json").read_text())
    assert example.points.tolist() == points
    assert example.subject.tolist() == [0, 1, 2, 0, 1, 2]
    assert list(data_dir.iterdir()) == [data_dir / "tiny_2020"]

    archives = tmp_path / "archives"
    archives.mkdir()
    with zipfile.ZipFile(archives / "all.zip", "w") as archive:
        for path in sorted(source.rglob("*.*")):
            archive.write(path, f"top/{path.relative_to(source)}")
    assert_equal(prepared, prepare_published(dataset(), archives, data_dir=tmp_path / "b"))


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


def test_warnings_are_counted_and_never_fail(source, data_dir):
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


def test_all_errors_are_told_at_once_and_skip_reads_only_their_images_again(damaged, data_dir):
    with pytest.raises(UserError, match=r"1 duplicate image, 2 unusable image.*--on-error=skip"):
        prepare_published(dataset(), damaged, data_dir=data_dir, **ONE_BY_ONE)
    with pytest.raises(UserError, match="not prepared"):
        open_dataset("tiny_2020", data_dir)
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
    prepared = prepare_published(dataset(), source, data_dir=data_dir, **ONE_BY_ONE)
    assert prepared.splits == {"train": 6, "validation": 2}


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


def test_a_builder_that_fails_leaves_nothing(source, data_dir):
    def broken(tree, warnings):
        raise UserError("no")

    with pytest.raises(UserError, match="no"):
        prepare_published(dataset(find_items=broken), source, data_dir=data_dir)
    assert not data_dir.exists()


def test_shards_of_files_that_have_changed_since_are_written_anew(source, data_dir):
    (source / "train" / "t005.json").write_text("{")
    with pytest.raises(UserError):
        prepare_published(dataset(), source, data_dir=data_dir, **ONE_BY_ONE)
    # Of the same size, and with its times set back, as programs that copy files do.
    for name, content in (("t000", "[[9.0, 0.0]]"), ("t005", "[")):
        path = source / "train" / f"{name}.json"
        before = path.stat()
        size = before.st_size if name == "t000" else 1
        path.write_text(content.ljust(size))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    (source / "train" / "t005.json").write_text("[]")
    prepared = prepare_published(dataset(), source, data_dir=data_dir, **ONE_BY_ONE)
    assert examples(prepared)[0].points.tolist() == [[9, 0]]

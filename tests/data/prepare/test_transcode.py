"""Datasets that someone wrote as TFRecord are the same in array_record."""

import math

import numpy as np
import pytest
import tensorflow_datasets as tfds
from published_files import HEIGHT, WIDTH, jpeg
from tfrecord_files import write_dataset

from samjax.cli import main
from samjax.data.example import features
from samjax.data.prepare.transcode import transcode
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError


def record(i: int) -> dict:
    """With i fixations, among them negative numbers and nan."""
    return {
        "image": jpeg(i),
        "image_id": f"image {i}".encode(),
        "height": HEIGHT,
        "width": WIDTH,
        "fixations": np.arange(2 * i, dtype=np.float32).reshape(i, 2) / 3,
        "subject": np.arange(i) - 1,
        "duration_ms": np.full(i, math.nan, np.float32),
        "order": np.arange(i),
        "density": b"" if i % 2 else b"\x89PNG bytes",
    }


@pytest.fixture
def theirs(tmp_path):
    shards = [[record(0), record(1), record(2)], [record(3)]]
    return write_dataset(tmp_path / "theirs", "gaze", features(), shards)


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


def test_every_field_of_every_record_is_equal(theirs, data_dir):
    dataset = transcode(theirs, data_dir=data_dir)
    assert dataset.splits == {"train": 4}
    source = Source(dataset, "train")
    for i in range(4):
        for name, value in record(i).items():
            read = getattr(source[i], "points" if name == "fixations" else name)
            expected = value.decode() if name == "image_id" else value
            np.testing.assert_array_equal(read, expected)
            if isinstance(value, np.ndarray):
                assert read.shape == value.shape
    assert dataset.citation == "Someone, 2020."


def test_tfds_itself_reads_the_result(theirs, data_dir):
    dataset = transcode(theirs, "mine", data_dir=data_dir)
    builder = tfds.builder_from_directory(dataset.directory)
    first = next(iter(builder.as_data_source("train")))
    assert first["image"].shape == (HEIGHT, WIDTH, 3)
    assert [path.name for path in data_dir.iterdir()] == ["mine"]


def test_a_damaged_record_is_named_and_leaves_nothing(theirs, data_dir):
    file = theirs / "gaze-train.tfrecord-00000-of-00002"
    data = bytearray(file.read_bytes())
    data[-10] ^= 1
    file.write_bytes(data)
    with pytest.raises(UserError, match=r"gaze-train.tfrecord-00000-of-00002: record 2 is damaged"):
        transcode(theirs, data_dir=data_dir)
    assert not data_dir.exists()


def test_a_missing_shard_and_a_missing_record_are_told(theirs, data_dir):
    file = theirs / "gaze-train.tfrecord-00001-of-00002"
    file.write_bytes(b"")
    with pytest.raises(UserError, match=r"has 0 records, but dataset_info.json says 1"):
        transcode(theirs, data_dir=data_dir)
    file.unlink()
    with pytest.raises(UserError, match="00001-of-00002 is not there"):
        transcode(theirs, data_dir=data_dir)


def test_other_fields_are_filled_in_as_unknown(tmp_path, data_dir):
    fields = {
        "image": tfds.features.Image(shape=(None, None, 3)),
        "filename": tfds.features.Text(),
        "fixations": tfds.features.Tensor(shape=(None, 2), dtype=np.float32),
        "saliency_map": tfds.features.Image(shape=(None, None, 1)),
    }
    points = np.array([[1, 2], [3, 4]], np.float32)
    row = {"image": jpeg(0), "filename": b"a", "fixations": points, "saliency_map": jpeg(1)}
    folder = write_dataset(tmp_path, "theirs", tfds.features.FeaturesDict(fields), [[row]])
    example = Source(transcode(folder, data_dir=data_dir), "train")[0]
    assert (example.image_id, example.height, example.width) == ("a", HEIGHT, WIDTH)
    assert example.subject.tolist() == example.order.tolist() == [-1, -1]
    assert np.isnan(example.duration_ms).tolist() == [True, True]
    assert example.density == jpeg(1)
    np.testing.assert_array_equal(example.points, points)


def test_what_is_missing_is_told_in_one_line(tmp_path, data_dir):
    fields = {"image": tfds.features.Image(shape=(None, None, 3)), "label": np.int64}
    row = {"image": jpeg(0), "label": 1}
    folder = write_dataset(tmp_path, "digits", tfds.features.FeaturesDict(fields), [[row]])
    with pytest.raises(UserError, match="lacks image_id and fixations or density among its fields"):
        transcode(folder, data_dir=data_dir)


def test_a_dataset_in_tfrecord_is_opened_with_the_command_to_convert_it(theirs):
    with pytest.raises(UserError, match=r"samjax prepare --convert .*gaze/1.0.0"):
        open_dataset("gaze", theirs.parents[1])


def test_the_command(theirs, data_dir, capsys):
    command = ["prepare", "--convert", str(theirs), "--data_dir", str(data_dir)]
    assert main(command) == 0
    assert capsys.readouterr().out == "gaze train: 4 images, 6 fixations, 2 subjects\n"
    assert main(command) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert main(["prepare", "--convert", str(theirs.parent)]) == 1
    assert f"did you mean {theirs}?" in capsys.readouterr().err

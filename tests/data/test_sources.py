"""What is written is read back exactly, from any process."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from table_files import blurred, encoded, write_table

from samjax.data.dataset import default_data_dir, prepared
from samjax.data.example import Sigma
from samjax.data.prepare.from_tables import prepare_table
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    source = write_table(tmp_path_factory.mktemp("source"))
    (source / "densities").mkdir()
    (source / "densities" / "1.png").write_bytes(encoded(blurred(30, 40) * np.uint16(257)))
    folder = tmp_path_factory.mktemp("data")
    prepare_table(source, "mine", data_dir=folder, sigma=12.5)
    return folder, source


def test_examples_come_back_exactly(data_dir):
    folder, source_folder = data_dir
    source = Source(open_dataset("mine", folder), "train")
    assert len(source) == 3
    for i in range(3):  # 0, 1 and 2 fixations
        example = source[i]
        assert example.image == (source_folder / "images" / f"{i}.png").read_bytes()
        assert example.image_id == source.image_id(i) == str(i)
        assert (example.height, example.width, example.sigma_px) == (60, 80, 12.5)
        expected = [[10 * j + 0.25, 5 * j + 0.5] for j in range(i)]
        np.testing.assert_array_equal(example.points, np.reshape(expected, (i, 2)))
        assert example.points.dtype == np.float32
        assert example.subject.tolist() == example.order.tolist() == list(range(i))
        assert example.duration_ms.tolist() == [200.0 + j for j in range(i)]
    assert source[1].density == (source_folder / "densities" / "1.png").read_bytes()
    assert source[0].density == b""


@pytest.mark.parametrize(
    ("split", "ids"),
    [("train[:2]", "01"), ("train[2:]", "2"), ("train+validation", "0123"), ("validation", "3")],
)
def test_slices_are_those_of_tfds(data_dir, split, ids):
    source = Source(open_dataset("mine", data_dir[0]), split)
    assert "".join(source.image_id(i) for i in range(len(source))) == ids


@pytest.mark.parametrize("split", ["test", "train[:x]", ""])
def test_an_unknown_split_names_those_that_exist(data_dir, split):
    with pytest.raises(UserError, match=r"train \(3\), validation \(1\)"):
        Source(open_dataset("mine", data_dir[0]), split)


def test_a_source_is_picklable_before_and_after_reading(data_dir):
    source = Source(open_dataset("mine", data_dir[0]), "train")
    before = pickle.loads(pickle.dumps(source))
    expected = source[2].points
    after = pickle.loads(pickle.dumps(source))
    for copy in (before, after):
        np.testing.assert_array_equal(copy[2].points, expected)


def test_threads_read_the_same(data_dir):
    source = Source(open_dataset("mine", data_dir[0]), "train")
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda i: source.image_id(i % 3), range(300)))
    assert ids == [str(i % 3) for i in range(300)]


def test_a_missing_dataset_says_how_to_prepare_it(data_dir, tmp_path):
    with pytest.raises(UserError, match=r"prepared there: mine.*samjax prepare osie"):
        open_dataset("osie", data_dir[0])
    with pytest.raises(UserError, match=r"none.*samjax prepare synthetic"):
        open_dataset("synthetic", tmp_path / "nowhere")
    assert prepared(data_dir[0]) == ["mine"]


def test_metadata_survive(data_dir):
    dataset = open_dataset("mine", data_dir[0])
    assert dataset.sigma == Sigma(pixels=12.5)
    assert dataset.sigma_px(60, 80) == 12.5
    assert dataset.splits == {"train": 3, "validation": 1}


def test_the_data_directory_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert default_data_dir() == tmp_path
    monkeypatch.delenv("TFDS_DATA_DIR")
    assert default_data_dir().name == "tensorflow_datasets"


def test_tfds_itself_reads_what_was_written(data_dir):
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(data_dir[0] / "mine" / "1.0.0")
    record = builder.as_data_source("train")[2]
    assert record["image"].shape == (30, 40, 3)
    assert record["fixations"].shape == (2, 2)

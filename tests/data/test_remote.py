"""Datasets at an fsspec address are the local ones, and fetched no further than needed."""

from pathlib import Path

import fsspec
import numpy as np
import pytest

from samjax.cli import main
from samjax.data import remote
from samjax.data.canvas import Canvas
from samjax.data.pipeline import train_batches
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.sources import Source, open_dataset
from samjax.data.synthetic.scenes import SceneSpec
from samjax.errors import UserError


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("local")
    counts = {"train": 9, "validation": 4}
    prepare_synthetic(data_dir=folder, spec=SceneSpec(48, 64, subjects=2), counts=counts, seed=3)
    return folder


@pytest.fixture
def address(local, tmp_path, monkeypatch) -> str:
    """The dataset in memory, under an address of its own; an empty cache."""
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "cache"))
    where = f"memory://{tmp_path.name}"
    fsspec.filesystem("memory").put(str(local), where, recursive=True)
    return where


def cached(tmp_path: Path) -> list[str]:
    return sorted(p.name for p in (tmp_path / "cache").rglob("*") if "array_record" in p.name)


@pytest.mark.parametrize("split", ["train", "train[3:7]", "validation"])
def test_examples_are_the_local_ones(local, address, split):
    ours, theirs = (Source(open_dataset("synthetic", d), split) for d in (local, address))
    assert len(ours) == len(theirs)
    for i in range(len(ours)):
        a, b = ours[i], theirs[i]
        assert (a.image_id, a.image, a.sigma_px) == (b.image_id, b.image, b.sigma_px)
        np.testing.assert_array_equal(a.points, b.points)


def test_only_shards_that_are_read_are_fetched_and_only_once(address, tmp_path, monkeypatch):
    source = Source(open_dataset("synthetic", address), "validation")
    assert cached(tmp_path) == []
    source[0], source[3]
    assert [name.split(".")[0] for name in cached(tmp_path)] == ["synthetic-validation"]
    monkeypatch.setattr(remote, "copy", None)  # another reader finds the copy
    assert Source(open_dataset("synthetic", address), "validation")[3].image_id


def test_batches_are_made_of_them_in_several_threads(address):
    source = Source(open_dataset("synthetic", address), "train")
    canvases = [Canvas((24, 32), (12, 16))]
    batch = next(train_batches([source], batch_size=8, canvases=canvases, num_threads=4))
    assert batch["image"].any()


def test_a_copy_that_breaks_off_leaves_nothing_and_is_told(address, tmp_path, monkeypatch):
    source = Source(open_dataset("synthetic", address), "train")

    class Broken:
        reads = 0

        def read(self, size):
            self.reads += 1
            if self.reads == 1:
                return b"half"
            raise ConnectionError("reset by peer")

        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda *_: None  # noqa: E731

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "open", lambda *_, **__: Broken())
    with pytest.raises(UserError, match=r"cannot be copied.*reset by peer"):
        source[0]
    assert cached(tmp_path) == []
    monkeypatch.undo()
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "cache"))
    assert source[0].image_id


def test_a_dataset_prepared_anew_is_fetched_anew(address, tmp_path):
    before = Source(open_dataset("synthetic", address), "validation")[0].image
    again = tmp_path / "again"
    prepare_synthetic(data_dir=again, spec=SceneSpec(40, 56), counts={"validation": 5}, seed=9)
    files = fsspec.filesystem("memory")
    files.rm(address, recursive=True)
    files.put(str(again), address, recursive=True)
    source = Source(open_dataset("synthetic", address), "validation")
    assert len(source) == 5
    assert source[0].image != before


def test_the_command_checks_all_of_it(address, capsys):
    assert main(["prepare", "--check", "synthetic", "--data_dir", address]) == 0
    assert "13 images, no fault" in capsys.readouterr().out


def test_what_is_not_there_is_told(address):
    with pytest.raises(UserError, match=r"'osie' is not prepared in memory://"):
        open_dataset("osie", address)
    with pytest.raises(UserError, match="nosuch"):
        open_dataset("osie", "nosuch://bucket")


def copied_shard(tmp_path: Path, split: str) -> Path:
    return next(p for p in (tmp_path / "cache").rglob(f"synthetic-{split}.*"))


@pytest.mark.parametrize(
    "file", ["synthetic-validation.array_record-00000-of-00001", "report.json"]
)
def test_a_file_that_changes_at_the_address_and_keeps_its_size_is_fetched_anew(
    address, tmp_path, file
):
    Source(open_dataset("synthetic", address), "validation")[0]
    before = open_dataset("synthetic", address).directory
    files = fsspec.filesystem("memory")
    place = f"{address}/synthetic/1.0.0/{file}"
    files.pipe_file(place, files.cat_file(place))
    assert open_dataset("synthetic", address).directory != before


def test_a_shard_that_changes_between_opening_and_reading_is_told(address):
    source = Source(open_dataset("synthetic", address), "train")
    files = fsspec.filesystem("memory")
    place = f"{address}/synthetic/1.0.0/synthetic-train.array_record-00000-of-00001"
    files.pipe_file(place, files.cat_file(place))
    with pytest.raises(UserError, match="has changed since"):
        source[0]


def test_the_check_compares_the_copies_with_their_origin(address, tmp_path, capsys):
    command = ["prepare", "--check", "synthetic", "--data_dir", address]
    assert main(command) == 0
    report = next((tmp_path / "cache").rglob("report.json"))
    report.write_text(report.read_text() + " ")
    assert main(command) == 1
    assert f"{report} is not as memory://" in capsys.readouterr().out


def test_a_damaged_copy_is_one_line(address, tmp_path):
    Source(open_dataset("synthetic", address), "validation")[0]
    shard = copied_shard(tmp_path, "validation")
    shard.write_bytes(shard.read_bytes()[:-50])
    with pytest.raises(UserError, match="delete it, and it is copied again"):
        Source(open_dataset("synthetic", address), "validation")[0]

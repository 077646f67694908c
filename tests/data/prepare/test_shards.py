"""Shards written here are what TFDS's own writer writes."""

import numpy as np
import tensorflow_datasets as tfds
from published_files import HEIGHT, WIDTH, jpeg

from samjax.data.prepare.tfds_builder import SaliencyBuilder
from samjax.data.example import Example, Facts, Sigma
from samjax.data.prepare.shards import serialize, shard_name, write_info, write_shard

FACTS = Facts(Sigma(pixels=3.0), "first", citation="Someone.", licence="CC0", description="Some.")


def example(n: int) -> Example:
    return Example(
        image=jpeg(n),
        image_id=f"i{n}",
        height=HEIGHT,
        width=WIDTH,
        points=np.arange(2 * n, dtype=np.float32).reshape(n, 2) / 7,
        subject=np.arange(n, dtype=np.int32),
        duration_ms=np.full(n, np.nan, np.float32),
        order=np.full(n, -1, np.int32),
        density=b"\x00\xff" * n,
    )


class Reference(SaliencyBuilder):
    def split_shards(self):
        return {"train": [lambda: map(example, (0, 1)), lambda: map(example, (2, 3))]}


def test_the_same_as_by_tfds(tmp_path):
    theirs = Reference("some", FACTS, tmp_path / "theirs").write()
    ours = tmp_path / "ours" / "some" / "1.0.0"
    ours.mkdir(parents=True)
    for shard in range(2):
        records = [serialize(example(2 * shard + i)) for i in range(2)]
        assert write_shard(ours / shard_name("some", "train", shard, 2), records) == 2
    write_info(ours, "some", FACTS, {"train": [2, 2]})
    assert {path.name for path in ours.iterdir()} == {path.name for path in theirs.iterdir()}
    for name in ("features.json", "metadata.json", "LICENSE"):
        assert (ours / name).read_text() == (theirs / name).read_text()
    infos = [tfds.builder_from_directory(folder).info for folder in (ours, theirs)]
    assert infos[0].splits["train"].shard_lengths == infos[1].splits["train"].shard_lengths
    assert infos[0].citation == infos[1].citation
    sources = [tfds.builder_from_directory(d).as_data_source("train") for d in (ours, theirs)]
    for a, b in zip(*sources, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])
            assert np.asarray(a[name]).dtype == np.asarray(b[name]).dtype

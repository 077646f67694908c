"""Shards written here are what TFDS's own writer writes."""

import contextlib
import io

import numpy as np
import tensorflow_datasets as tfds
from published_files import HEIGHT, WIDTH, jpeg

from samjax.data.example import Example, Facts, Sigma, features
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


class Reference(tfds.core.ShardBasedBuilder):
    """A builder by TFDS itself, which writes examples 0 and 1, and 2 and 3."""

    name = "some"
    VERSION = tfds.core.Version("1.0.0")
    # Else TFDS searches its own source tree for checksums, by a package it does not require.
    code_path = None

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=features(),
            description=FACTS.description,
            citation=FACTS.citation,
            license=FACTS.licence,
            metadata=FACTS.metadata(),
        )

    def _shard_iterators_per_split(self, dl_manager):
        return {"train": [lambda: self._records(0, 1), lambda: self._records(2, 3)]}

    def _records(self, *numbers):
        for n in numbers:
            yield example(n).image_id, example(n).record()


def test_the_same_as_by_tfds(tmp_path):
    builder = Reference(data_dir=str(tmp_path / "theirs"), file_format="array_record")
    with contextlib.redirect_stdout(io.StringIO()):
        builder.download_and_prepare()
    theirs = tmp_path / "theirs" / "some" / "1.0.0"
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

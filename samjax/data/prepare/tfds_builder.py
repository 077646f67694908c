"""What all builders share: features, metadata, array_record, records in the order given."""

import contextlib
import io
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import tensorflow_datasets as tfds

from samjax.data.example import Example, Facts, features

Shard = Callable[[], Iterator[Example]]


class SaliencyBuilder(tfds.core.ShardBasedBuilder):
    """A TFDS builder that writes `Example`s shard by shard, without TensorFlow.

    Shard-based, because the generator-based kind shuffles, and needs TensorFlow to do so beyond
    1,000 MiB per split.
    """

    VERSION = tfds.core.Version("1.0.0")
    # Else TFDS searches its own source tree for checksums, by a package it does not require.
    code_path = None

    def __init__(self, name: str, facts: Facts, data_dir: str | Path):
        self.name = name
        self.facts = facts
        super().__init__(data_dir=str(data_dir), file_format="array_record")

    @abstractmethod
    def split_shards(self) -> dict[str, Sequence[Shard]]:
        """For each split that has images: one function per shard that yields its examples."""

    def write(self) -> Path:
        """Writes the dataset under `data_dir`; returns its folder."""
        with contextlib.redirect_stdout(io.StringIO()):  # TFDS prints; results are ours to print
            self.download_and_prepare()
        return Path(self.data_dir)

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            features=features(),
            description=self.facts.description or self.name,
            citation=self.facts.citation or None,
            license=self.facts.licence or None,
            metadata=self.facts.metadata(),
        )

    def _shard_iterators_per_split(self, dl_manager):
        del dl_manager  # nothing is downloaded
        return {
            split: [_Keyed(shard) for shard in shards]
            for split, shards in self.split_shards().items()
        }


class _Keyed:
    """Turns a shard of examples into the (key, record) pairs that TFDS asks for."""

    def __init__(self, shard: Shard):
        self.shard = shard

    def __call__(self) -> Iterator[tuple[str, dict]]:
        for example in self.shard():
            yield example.image_id, example.record()

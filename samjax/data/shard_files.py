"""The shards of a prepared dataset, compared with what its description says of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tensorflow_datasets as tfds
from array_record.python.array_record_module import ArrayRecordReader

from samjax.errors import one_line


class Shard(NamedTuple):
    """A file of records.

    Attributes:
        split: The split that it is a part of.
        file: Where it is.
        length: How many records dataset_info.json says that it has.
    """

    split: str
    file: Path
    length: int

    def error(self) -> str:
        """Return why the file cannot be used, or ""; only its index is read."""
        if not self.file.is_file():
            return f"{self.file} is not there"
        try:
            reader = ArrayRecordReader(str(self.file))
            count = reader.num_records()
            reader.close()
        except (ValueError, RuntimeError, OSError, IndexError) as error:
            return f"{self.file} cannot be read: {one_line(error)}"
        if count != self.length:
            return f"{self.file} has {count} records, but dataset_info.json says {self.length}"
        return ""


def shards(info: tfds.core.DatasetInfo) -> Iterator[Shard]:
    """Yield the shards that a description names, split by split."""
    for split, part in info.splits.items():
        for file, length in zip(part.filepaths, part.shard_lengths, strict=True):
            yield Shard(split, Path(file), length)

"""A dataset's files as TFDS lays them out: array_record shards, and the files that describe them.

TFDS's own builders are not used. The kind that generates examples shuffles them, and needs
TensorFlow to do so beyond 1,000 MiB per split; the kind that writes shards uses one process.
"""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import tensorflow_datasets as tfds
from array_record.python.array_record_module import ArrayRecordWriter
from tensorflow_datasets.core.example_serializer import ExampleSerializer

from samjax.data.example import Example, Facts, features

FORMAT = tfds.core.FileFormat.ARRAY_RECORD
VERSION = "1.0.0"


def serialize(example: Example) -> bytes:
    """Return an example as the bytes of a tf.train.Example; equal examples give equal bytes."""
    encoder, serializer = _encoder()
    return serializer.get_tf_example(encoder.encode_example(example.record())).SerializeToString(
        deterministic=True
    )


def write_shard(path: Path, records: Iterable[bytes]) -> int:
    """Write serialized records in the order given, one at a time, and return their number."""
    part = path.with_name(path.name + ".part")
    # As TFDS writes: every record stands alone, because records are read in random order.
    writer = ArrayRecordWriter(str(part), "group_size:1")
    count = 0
    try:
        for record in records:
            writer.write(record)
            count += 1
    finally:
        writer.close()
    os.replace(part, path)
    return count


def shard_name(name: str, split: str, number: int, count: int) -> str:
    """Return the file name of shard `number` of the `count` shards of a split."""
    return f"{name}-{split}.{FORMAT.file_suffix}-{number:05d}-of-{count:05d}"


def write_info(directory: Path, name: str, facts: Facts, lengths: dict[str, list[int]]) -> None:
    """Write the files that describe the shards which lie in a folder.

    Args:
        directory: The folder, `<data_dir>/<name>/<version>`.
        name: The dataset's name.
        facts: What is known of the dataset.
        lengths: {split: number of records of each shard}.
    """
    identity = tfds.core.dataset_info.DatasetIdentity(
        name, tfds.core.Version(VERSION), str(directory), __name__
    )
    info = tfds.core.DatasetInfo(
        builder=identity,
        features=features(),
        description=facts.description or name,
        citation=facts.citation or None,
        license=facts.licence or None,
        metadata=facts.metadata(),
    )
    set_splits(info, lengths, directory)
    info.write_to_directory(directory)


def set_splits(info: tfds.core.DatasetInfo, lengths: dict[str, list[int]], directory: Path) -> None:
    """Make a description speak of the array_record shards in a folder; see `write_info`."""
    info.as_proto.file_format = FORMAT.value
    splits = [
        tfds.core.SplitInfo(
            name=split,
            shard_lengths=shards,
            num_bytes=sum(
                (directory / shard_name(info.name, split, i, len(shards))).stat().st_size
                for i in range(len(shards))
            ),
            filename_template=tfds.core.ShardedFileTemplate(
                data_dir=directory,
                dataset_name=info.name,
                split=split,
                filetype_suffix=FORMAT.file_suffix,
            ),
        )
        for split, shards in lengths.items()
    ]
    info.set_splits(tfds.core.splits.SplitDict(splits))


@cache
def _encoder() -> tuple[tfds.features.FeaturesDict, ExampleSerializer]:
    # Making one takes much longer than serializing an example.
    feature_dict = features()
    return feature_dict, ExampleSerializer(feature_dict.get_serialized_info())

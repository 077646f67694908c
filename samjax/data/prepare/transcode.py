"""Conversion of a TFDS dataset from TFRecord to array_record: the same records in other files."""

import re
from collections.abc import Iterator
from pathlib import Path

import tensorflow_datasets as tfds

from samjax.console.progress import track
from samjax.data.dataset import Dataset
from samjax.data.foreign import decoders, facts_of
from samjax.data.prepare.shards import set_splits, shard_name, write_shard
from samjax.data.prepare.staging import fresh_folder
from samjax.data.prepare.tfrecord import read_tfrecord
from samjax.data.sources import open_dataset
from samjax.errors import UserError, one_line


def transcode(
    source: str | Path,
    name: str | None = None,
    *,
    data_dir: str | Path | None = None,
    overwrite: bool = False,
) -> Dataset:
    """Copy a dataset that someone else wrote.

    Args:
        source: Its folder, which has the file dataset_info.json.
        name: The name of the new dataset; None: as it was, with the name of its configuration
            after an underscore.
        data_dir: Where prepared datasets are; None: the default.
        overwrite: Whether to replace a dataset of this name.

    Raises:
        UserError: A record is damaged (the message says its file and number), or the fields cannot
            be read as those of an `Example`.
    """
    info = _open_info(Path(source).expanduser())
    try:
        facts_of(info)  # before anything is copied
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{source} has damaged descriptions: {one_line(error)}") from error
    if name is None:
        full_name = f"{info.name}_{info.config_name}" if info.config_name else info.name
        name = re.sub(r"\W", "_", full_name).lower()
    with fresh_folder(name, data_dir, overwrite=overwrite) as folder:
        directory = folder / name / str(info.version)
        directory.mkdir(parents=True)
        lengths = {split: _copy(info, split, name, directory) for split in info.splits}
        _write_info(info, name, lengths, directory)
    return open_dataset(name, data_dir)


def _open_info(source: Path) -> tfds.core.DatasetInfo:
    if not (source / "dataset_info.json").is_file():
        below = sorted(source.rglob("dataset_info.json"))
        hint = f"; did you mean {below[0].parent}?" if below else ""
        raise UserError(f"{source}/dataset_info.json is not there{hint}")
    try:
        info = tfds.builder_from_directory(source).info
    except Exception as error:  # whatever damaged descriptions make of TFDS
        raise UserError(f"{source} cannot be read by TFDS: {one_line(error)}") from error
    if info.file_format != tfds.core.FileFormat.TFRECORD:
        raise UserError(
            f"{source} is in {info.file_format.value}, not in tfrecord; put it into the data "
            "directory as it is"
        )
    return info


def _copy(info: tfds.core.DatasetInfo, split: str, name: str, directory: Path) -> list[int]:
    """Write a shard for each file of a split, and return their numbers of records."""
    # All files are looked for first: copying may take hours.
    files = [Path(file) for file in info.splits[split].filepaths]
    for file, expected in zip(files, info.splits[split].shard_lengths, strict=True):
        if not file.is_file():
            raise UserError(f"{file} is not there; dataset_info.json promises {expected} records")
    lengths = []
    for number, file in enumerate(track(files, len(files), f"{name} {split}: converting files of")):
        shard = directory / shard_name(name, split, number, len(files))
        lengths.append(write_shard(shard, _parsable_records(file, info.features)))
        expected = info.splits[split].shard_lengths[number]
        if lengths[-1] != expected:
            raise UserError(
                f"{file} has {lengths[-1]} records, but dataset_info.json says {expected}; get "
                "the file again"
            )
    return lengths


def _parsable_records(file: Path, features: tfds.features.FeaturesDict) -> Iterator[bytes]:
    """Yield the records of a file; UserError names one that the dataset's features do not fit."""
    # Images are not decoded; they are copied as they are.
    skip = decoders(features)
    for number, record in enumerate(read_tfrecord(file)):
        try:
            features.deserialize_example_np(record, decoders=skip)
        except Exception as error:  # whatever damaged bytes make of the parser
            raise UserError(
                f"{file}: record {number} does not fit the dataset's features: {one_line(error)}"
            ) from error
        yield record


def _write_info(
    info: tfds.core.DatasetInfo, name: str, lengths: dict[str, list[int]], directory: Path
) -> None:
    """Write the description of the new dataset: as `info`, under the new name."""
    identity = tfds.core.dataset_info.DatasetIdentity(
        name, tfds.core.Version(info.version), str(directory), info.module_name
    )
    new = tfds.core.DatasetInfo(
        builder=identity,
        features=info.features,
        description=info.description,
        homepage=info.homepage,
        citation=info.citation,
        license=info.redistribution_info.license,
        metadata=tfds.core.MetadataDict(**info.metadata) if info.metadata else None,
    )
    set_splits(new, lengths, directory)
    new.write_to_directory(directory)

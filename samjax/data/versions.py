"""A version of a prepared dataset on disk: opened, or told how to make it again."""

from pathlib import Path

import tensorflow_datasets as tfds

from samjax.data.dataset import Dataset
from samjax.data.foreign import facts_of
from samjax.data.known_names import PUBLISHED
from samjax.data.shard_files import shards
from samjax.errors import UserError, one_line


def open_version(name: str, directory: Path) -> Dataset:
    """Open the dataset in a folder `<data_dir>/<name>/<version>`.

    Raises:
        UserError: Its descriptions are damaged, or it is not in a format that can be read.
    """
    try:
        info = tfds.builder_from_directory(directory).info
        splits = {split: part.num_examples for split, part in info.splits.items()}
        file_format = info.file_format
        list(shards(info))  # their names follow a template of the description
        facts = facts_of(info)
    except UserError:
        raise
    except Exception as error:  # whatever damaged descriptions make of TFDS
        raise UserError(
            f"the descriptions in {directory} are damaged or missing "
            f"({type(error).__name__}: {one_line(error)[:200]}); {prepare_again(name)}"
        ) from error
    if file_format != tfds.core.FileFormat.ARRAY_RECORD:
        raise UserError(
            f"{directory} is not in array_record; run `samjax prepare --convert {directory}`"
        )
    if not splits:
        raise UserError(f"{directory}/dataset_info.json names no split; {prepare_again(name)}")
    return Dataset(name, directory, facts, splits)


def prepare_again(name: str) -> str:
    """Return the remedy for a dataset that is damaged."""
    return f"prepare it again: `{how_to_prepare(name)} --overwrite`"


def how_to_prepare(name: str) -> str:
    """Return the command that prepares a dataset of this name."""
    if name == "synthetic" or name in PUBLISHED:
        return f"samjax prepare {name}"
    return f"samjax prepare table --name {name} --source PATH"


def version_key(version: str) -> tuple[int, ...]:
    """Return a key that sorts 1.10.0 behind 1.9.0."""
    # A part that is no number sorts first, rather than failing.
    return tuple(int(part) if part.isdigit() else -1 for part in version.split("."))

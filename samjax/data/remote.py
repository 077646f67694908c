"""Prepared datasets at an fsspec address (s3://, gs://, http://, ...), read shard by shard.

What describes a dataset is copied at once. A shard is copied when one of its examples is first
asked for, whole, into a folder of the user's cache; memory holds a block of it at a time. A copy
that breaks off leaves nothing under a shard's name.

A folder is for one state of the files at the address: their sizes, and what the address tells of
their contents (STAMPS). When any of them changes, descriptions included, there is another folder.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from array_record.python.array_record_data_source import ArrayRecordDataSource

from samjax.data.origin import BLOCK, DESCRIPTIONS, STATE, check_state, listing
from samjax.data.shard_files import shards
from samjax.errors import UserError, one_line
from samjax.files.address import filesystem, is_address
from samjax.files.atomic import atomic
from samjax.files.cache import cache_dir
from samjax.files.json_file import write_json


def is_remote(data_dir: str | Path | None) -> bool:
    """Return whether this is an address, rather than a folder."""
    return is_address(data_dir)


def versions(data_dir: str, name: str) -> list[str]:
    """Return the addresses of the folders of a dataset's versions under `data_dir`.

    Raises:
        UserError: The address cannot be listed.
    """
    files = filesystem(data_dir)
    try:
        files.invalidate_cache()  # another process may have written there meanwhile
        paths = files.glob(f"{data_dir.rstrip('/')}/{name}/*/{DESCRIPTIONS[0]}")
    except Exception as error:  # each protocol raises its own
        raise UserError(f"{data_dir} cannot be listed ({one_line(error)})") from error
    return [files.unstrip_protocol(path).rsplit("/", 1)[0] for path in paths]


def mirror(address: str) -> Path:
    """Return the local folder for a dataset's version, with its descriptions in it.

    Raises:
        UserError: The descriptions cannot be read.
    """
    name, version = address.rsplit("/", 2)[-2:]
    files = filesystem(address)
    try:
        description = files.cat_file(f"{address}/{DESCRIPTIONS[0]}")
        state = listing(address)
    except Exception as error:  # each protocol raises its own
        raise UserError(f"{address} cannot be read ({one_line(error)})") from error
    # A dataset that was prepared again, and holds something else, gets another folder.
    identity = address.encode() + description + json.dumps(state, sort_keys=True).encode()
    folder = cache_dir() / "datasets" / hashlib.sha256(identity).hexdigest()[:16] / name / version
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder.parent / STATE).is_file():
        write_json(folder.parent / STATE, state)
    for file in DESCRIPTIONS:
        # A dataset need not have all of them: report.json is ours.
        if not (folder / file).is_file() and file in state:
            copy(address, file, folder)
    return folder


def fetch(address: str, folder: Path) -> None:
    """Copy all shards that are not yet in `folder`, the dataset's mirror.

    Raises:
        UserError: A shard cannot be copied.
    """
    for file in listing(address):
        if not (folder / file).is_file():
            copy(address, file, folder)


def copy(address: str, file: str, folder: Path) -> Path:
    """Copy a file of a dataset's version into `folder`, whole or not at all, and return its path.

    Raises:
        UserError: The file cannot be copied.
    """
    try:
        check_state(address, file, folder)
        with (
            filesystem(address).open(f"{address}/{file}", "rb") as source,
            atomic(folder / file) as temporary,
            open(temporary, "wb") as destination,
        ):
            while block := source.read(BLOCK):
                destination.write(block)
    except UserError:  # of the local disk, already in one line
        raise
    except Exception as error:  # each protocol raises its own
        raise UserError(f"{address}/{file} cannot be copied ({one_line(error)})") from error
    return folder / file


class Records:
    """Random access to the examples of a split, whose shards are fetched when first needed.

    Args:
        address: Of the dataset's version.
        builder: TFDS's builder of the dataset's mirror.
        split: A split, or a slice of one in TFDS's notation.
        decoders: TFDS's decoders of its features.
    """

    def __init__(
        self,
        address: str,
        builder: tfds.core.DatasetBuilder,
        split: str,
        decoders: dict[str, Any],
    ) -> None:
        """Fetch nothing yet; see the class for the arguments."""
        self._address = address
        self._folder = Path(builder.data_dir)
        self._decoders = decoders
        self._features = builder.info.features
        self._shards = {shard.file.name: shard for shard in shards(builder.info)}
        self._parts = builder.info.splits[split].file_instructions
        self._ends = list(accumulate(part.take for part in self._parts))
        # A lock for each shard: threads may read one while another is fetched.
        self._locks = [threading.Lock() for _ in self._parts]
        self._readers: list[ArrayRecordDataSource | None] = [None] * len(self._parts)

    def __len__(self) -> int:
        """Return the number of examples."""
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, i: int) -> dict[str, Any]:
        """Return the record of example `i`; its shard is fetched if it is not there."""
        # A slice such as train[10:] begins in the middle of a shard, hence `skip`.
        number = int(np.searchsorted(self._ends, i, side="right"))
        start = self._ends[number - 1] if number else 0
        record = self._shard(number)[self._parts[number].skip + i - start]
        return self._features.deserialize_example_np(record, decoders=self._decoders)

    def _shard(self, number: int) -> Sequence[bytes]:
        with self._locks[number]:
            reader = self._readers[number]
            if reader is None:
                path = self._folder / Path(self._parts[number].filename).name
                if not path.is_file():
                    copy(self._address, path.name, self._folder)
                if error := self._shards[path.name].error():
                    raise UserError(f"{error}; delete it, and it is copied again")
                reader = self._readers[number] = ArrayRecordDataSource([str(path)])
            return reader

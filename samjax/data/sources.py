"""Opening prepared datasets, and random access to the examples of a split."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import tensorflow_datasets as tfds

from samjax.data import remote
from samjax.data.dataset import INFO, Dataset, default_data_dir, prepared
from samjax.data.example import Example
from samjax.data.foreign import complete, decoders
from samjax.data.shard_files import shards
from samjax.data.versions import how_to_prepare, open_version, prepare_again, version_key
from samjax.data.viewing_times import viewed_by
from samjax.errors import UserError, one_line


def open_dataset(name: str, data_dir: str | Path | None = None) -> Dataset:
    """Open the newest version of a prepared dataset.

    Args:
        name: The dataset's name.
        data_dir: A folder, or an address that fsspec knows, such as s3://bucket/datasets; None for
            the default folder.

    Raises:
        UserError: The dataset is not prepared there, or not in a format that can be read.
    """
    if remote.is_remote(data_dir):
        return _open_remote(name, str(data_dir))
    root = Path(data_dir or default_data_dir()).expanduser().absolute()
    versions = {info.parent.name: info.parent for info in (root / name).glob(INFO)}
    # Without a name the pattern would match any dataset.
    if not name or not versions:
        others = ", ".join(prepared(root)) or "none"
        raise UserError(
            f"dataset '{name}' is not prepared in {root} (prepared there: {others}); run "
            f"`{how_to_prepare(name)}`"
        )
    return open_version(name, versions[max(versions, key=version_key)])


def _open_remote(name: str, data_dir: str) -> Dataset:
    """Open the newest version of a dataset at an address, by its local mirror."""
    addresses = remote.versions(data_dir, name) if name else []
    by_version = {Path(address).name: address for address in addresses}
    if not by_version:
        raise UserError(
            f"dataset '{name}' is not prepared in {data_dir}; prepare it elsewhere "
            "and copy its folder there"
        )
    address = by_version[max(by_version, key=version_key)]
    return replace(open_version(name, remote.mirror(address)), address=address)


class Records(Protocol):
    """Random access to the records of a split, by TFDS or by `samjax.data.remote`."""

    def __getitem__(self, i: int, /) -> dict[str, Any]:
        """Return record number `i`."""
        ...


class Source:
    """Random access to the examples of a split.

    A source may be pickled: each process opens a reader of its own when it first needs one.

    Args:
        dataset: The dataset.
        split: A split's name, or a slice in TFDS's notation such as 'train[:90%]'.
        until_ms: Only fixations that begin by then count, see `viewing_times.viewed_by`; None for
            all.

    Raises:
        UserError: The dataset has no such split.
    """

    def __init__(self, dataset: Dataset, split: str, until_ms: float | None = None) -> None:
        """Count the split's examples, and open no reader yet."""
        self.dataset = dataset
        self.split = split
        self.until_ms = until_ms
        self._reader: Records | None = None
        self._lock = threading.Lock()
        self._length = self._count()

    def __len__(self) -> int:
        """Return the number of examples."""
        return self._length

    def __getitem__(self, i: int) -> Example:
        """Return example number `i`."""
        try:
            record = complete(self._open()[int(i)])
            sigma_px = self.dataset.sigma_px(record["height"], record["width"])
            example = Example.from_record(record, sigma_px)
            example.check()
        except UserError:
            raise
        except Exception as error:  # whatever damaged bytes make of the readers and parsers
            raise UserError(
                f"record {i} of '{self.split}' in {self.dataset.directory} cannot be read "
                f"({one_line(error)[:200]}); {prepare_again(self.dataset.name)}"
            ) from error
        return example if self.until_ms is None else viewed_by(example, self.until_ms)

    @property
    def title(self) -> str:
        """The split, and which of its fixations count.

        Scores of sources with different titles do not compare.
        """
        return self.split if self.until_ms is None else f"{self.split} until {self.until_ms:g} ms"

    def image_id(self, i: int) -> str:
        """Return the name of image number `i`."""
        return self[i].image_id

    def _count(self) -> int:
        builder = tfds.builder_from_directory(self.dataset.directory)
        splits = ", ".join(f"{name} ({n})" for name, n in self.dataset.splits.items())
        try:
            count = builder.info.splits[self.split].num_examples
        except (KeyError, ValueError) as error:  # an unknown name, or a slice TFDS cannot read
            raise UserError(
                f"dataset '{self.dataset.name}' has no split '{self.split}'; it has {splits}, and "
                "slices of them such as 'train[:90%]'"
            ) from error
        if count <= 0:  # TFDS counts backwards where a slice ends before it begins
            raise UserError(
                f"'{self.split}' of dataset '{self.dataset.name}' is a slice without images; take "
                f"a larger one of {splits}"
            )
        return count

    def _open(self) -> Records:
        """Return the reader, which the first call opens."""
        # Threads share a source, and must not open two readers.
        with self._lock:
            if self._reader is None:
                builder = tfds.builder_from_directory(self.dataset.directory)
                if not self.dataset.address:
                    self._check_shards(builder.info)
                skip = decoders(builder.info.features)
                if self.dataset.address:
                    self._reader = remote.Records(self.dataset.address, builder, self.split, skip)
                else:
                    self._reader = builder.as_data_source(self.split, decoders=skip)
            return self._reader

    def _check_shards(self, info: tfds.core.DatasetInfo) -> None:
        """Raise UserError if a shard of the split is missing, damaged, or of another length."""
        files = {Path(part.filename).name for part in info.splits[self.split].file_instructions}
        for shard in shards(info):
            if shard.file.name in files and (error := shard.error()):
                raise UserError(f"{error}; {prepare_again(self.dataset.name)}")

    def __getstate__(self) -> dict:
        """Return what another process gets: neither the lock nor the open reader."""
        return {k: v for k, v in self.__dict__.items() if k not in ("_lock", "_reader")}

    def __setstate__(self, state: dict) -> None:
        """Take what another process gave, and open a reader when one is needed."""
        self.__dict__.update(state)
        self._reader = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Return the dataset, the split and its size, for error messages and logs."""
        return f"Source({self.dataset.name}, {self.title}, {len(self)} images)"

"""Prepared datasets on disk, and random access to the examples of a split."""

import os
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import tensorflow_datasets as tfds

from samjax.data import remote
from samjax.data.example import Example, Facts, Sigma
from samjax.data.foreign import complete, decoders, facts_of
from samjax.data.known_names import PUBLISHED
from samjax.data.viewing_times import viewed_by
from samjax.errors import UserError

INFO = "*/dataset_info.json"


def default_data_dir() -> Path:
    """$TFDS_DATA_DIR, or ~/tensorflow_datasets."""
    return Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


@dataclass(frozen=True)
class Dataset:
    """A prepared dataset: its folder `<data_dir>/<name>/<version>`, facts and split sizes.

    address: where its shards are fetched from, if it is elsewhere; `directory` is then a mirror.
    """

    name: str
    directory: Path
    facts: Facts
    splits: dict[str, int] = field(hash=False)
    address: str = ""

    @property
    def edition(self) -> str:
        return self.facts.edition

    @property
    def sigma(self) -> Sigma:
        return self.facts.sigma

    @property
    def citation(self) -> str:
        return self.facts.citation

    @property
    def licence(self) -> str:
        return self.facts.licence

    def sigma_px(self, height: int, width: int) -> float:
        """Sigma of one degree in original pixels, for a stimulus of this size."""
        return self.facts.sigma.of(height, width)


def prepared(data_dir: Path | None = None) -> list[str]:
    """Names of the datasets that are prepared in `data_dir`."""
    root = Path(data_dir or default_data_dir())
    return sorted({info.parts[-3] for info in root.glob("[!.]*/*/dataset_info.json")})


def open_dataset(name: str, data_dir: str | Path | None = None) -> Dataset:
    """Opens the newest version of a prepared dataset; UserError if there is none.

    data_dir: a folder, or an address that fsspec knows, such as s3://bucket/datasets.
    """
    if remote.is_remote(data_dir):
        addresses = {Path(a).name: a for a in remote.versions(str(data_dir), name)} if name else {}
        if not addresses:
            raise UserError(
                f"dataset '{name}' is not prepared in {data_dir}; prepare it elsewhere "
                "and copy its folder there"
            )
        address = addresses[max(addresses, key=_version_key)]
        return replace(_opened(name, remote.mirror(address)), address=address)
    root = Path(data_dir or default_data_dir()).expanduser().absolute()
    versions = {info.parent.name: info.parent for info in (root / name).glob(INFO)}
    if not name or not versions:
        here = ", ".join(prepared(root)) or "none"
        raise UserError(
            f"dataset '{name}' is not prepared in {root} (prepared there: {here}); run "
            f"`{_how_to_prepare(name)}`"
        )
    return _opened(name, versions[max(versions, key=_version_key)])


def _opened(name: str, directory: Path) -> Dataset:
    builder = tfds.builder_from_directory(directory)
    if builder.info.file_format != tfds.core.FileFormat.ARRAY_RECORD:
        raise UserError(
            f"{directory} is not in array_record; run `samjax prepare --convert {directory}`"
        )
    splits = {split: info.num_examples for split, info in builder.info.splits.items()}
    return Dataset(name, directory, facts_of(builder.info), splits)


def _how_to_prepare(name: str) -> str:
    if name == "synthetic" or name in PUBLISHED:
        return f"samjax prepare {name}"
    return f"samjax prepare table --name {name} --source PATH"


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else -1 for part in version.split("."))


class Source:
    """Random access to a split; `split` is a name or a TFDS slice such as 'train[:90%]'.

    until_ms: only the fixations that begin by then, see `durations.viewed_by`; None: all.
    Picklable: the reader is opened when first needed, in each process for itself.
    """

    def __init__(self, dataset: Dataset, split: str, until_ms: float | None = None):
        self.dataset = dataset
        self.split = split
        self.until_ms = until_ms
        self._start_reader()
        self._length = self._count()

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, i: int) -> Example:
        record = complete(self._open()[int(i)])
        sigma_px = self.dataset.sigma_px(record["height"], record["width"])
        example = Example.from_record(record, sigma_px)
        return example if self.until_ms is None else viewed_by(example, self.until_ms)

    @property
    def title(self) -> str:
        """The split, and what of its fixations is left out: scores of two titles do not compare."""
        return self.split if self.until_ms is None else f"{self.split} until {self.until_ms:g} ms"

    def image_id(self, i: int) -> str:
        return self[i].image_id

    def _count(self) -> int:
        builder = tfds.builder_from_directory(self.dataset.directory)
        try:
            return builder.info.splits[self.split].num_examples
        except (KeyError, ValueError) as error:
            have = ", ".join(f"{name} ({n})" for name, n in self.dataset.splits.items())
            raise UserError(
                f"dataset '{self.dataset.name}' has no split '{self.split}'; it has {have}, and "
                "slices of them such as 'train[:90%]'"
            ) from error

    def _open(self):
        with self._lock:
            if self._reader is None:
                builder = tfds.builder_from_directory(self.dataset.directory)
                skip = decoders(builder.info.features)
                if self.dataset.address:
                    self._reader = remote.Records(self.dataset.address, builder, self.split, skip)
                else:
                    self._reader = builder.as_data_source(self.split, decoders=skip)
            return self._reader

    def _start_reader(self):
        self._lock = threading.Lock()
        self._reader = None

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k not in ("_lock", "_reader")}

    def __setstate__(self, state: dict):
        self.__dict__.update(state)
        self._start_reader()

    def __repr__(self) -> str:
        return f"Source({self.dataset.name}, {self.title}, {len(self)} images)"

"""The record of a checkpoint: what it is, what it was made with, and a digest of each of its files.

It is a file inside the checkpoint's folder and is written before the checkpoint gets its name, so a
checkpoint of this version has one from the first moment on. Checkpoints of former versions have
none: they are read with the checks of their shapes and values alone.

    step      how many steps its state has taken
    score     of the validation at this step, larger is better; null without one
    unlogged  metrics of the steps since the last log
    config    the resolved configuration of the run
    data      what the run is trained and validated on, see `data_identity`
    files     {path: [bytes, CRC-32C in hexadecimal]} of every other file of the checkpoint
    digest    SHA-256 of all of the above
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import google_crc32c

from samjax.errors import UserError
from samjax.files.atomic import write_atomic

RECORD = "samjax.json"
MARK = {"record": RECORD}
"""Stands in orbax's own description of a checkpoint that has a record."""
ORBAX_DESCRIPTION = "_CHECKPOINT_METADATA"
ORBAX_ITEM = "_METADATA"
ORBAX_METRICS = "metrics"
ORBAX_SCORE = f"{ORBAX_METRICS}/metrics"
"""Where checkpoints of former versions have their score."""
SCORE = "score"
BLOCK = 2**22  # bytes that are read at a time


class DamagedError(UserError):
    """A checkpoint whose files are not those that were written.

    Attributes:
        path: Its folder.
        problem: What is wrong with it.
    """

    def __init__(self, path: Path, problem: str) -> None:
        """Name the damaged checkpoint and what is wrong with it."""
        super().__init__(path, problem)  # so that it can be sent to other processes
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        """Return the message in one line."""
        return f"{self.path} is damaged: {self.problem}"


class MadeWith(NamedTuple):
    """What the checkpoints of a run are made with.

    Attributes:
        config: The resolved configuration as nested dictionaries; {} if it is not known.
        data: What the run is trained and validated on; {} if it is not known.
    """

    config: dict[str, Any]
    data: dict[str, Any]


class Record(NamedTuple):
    """What is known of a checkpoint beside its arrays.

    Attributes:
        step: How many steps its state has taken.
        score: Of the validation at this step, larger is better; None without one.
        unlogged: Metrics of the steps since the last log, which a resumed run logs.
        made_with: The configuration and the data of the run.
        files: The size and the digest of each file by its path in the checkpoint; None for a
            checkpoint of a former version, whose files cannot be verified.
    """

    step: int
    score: float | None
    unlogged: list[dict]
    made_with: MadeWith
    files: dict[str, tuple[int, str]] | None


def write_record(path: Path, about: Record) -> None:
    """Write the record of the checkpoint in folder `path`, whose other files are complete.

    Args:
        path: The folder.
        about: What the record says, without the files.
    """
    files = {
        file.relative_to(path).as_posix(): (file.stat().st_size, digest(file))
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != RECORD
    }
    fields = {
        "step": about.step,
        "score": about.score if about.score is not None and math.isfinite(about.score) else None,
        "unlogged": about.unlogged,
        "config": about.made_with.config,
        "data": about.made_with.data,
        "files": files,
    }
    write_atomic(path / RECORD, json.dumps(fields | {"digest": _digest(fields)}, indent=1) + "\n")


def read_record(path: Path) -> Record:
    """Return the record of the checkpoint in folder `path`.

    Raises:
        DamagedError: There should be a record and is none, or it is not as it was written.
    """
    try:
        fields = json.loads((path / RECORD).read_bytes())
        expected = fields.pop("digest")
        if _digest(fields) != expected:
            raise ValueError("its digest differs")
        made_with = MadeWith(fields["config"], fields["data"])
        files = {name: (size, crc) for name, (size, crc) in fields["files"].items()}
        return Record(fields["step"], fields["score"], fields["unlogged"], made_with, files)
    except FileNotFoundError:
        return _of_former_version(path)
    except (ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise DamagedError(path, f"{RECORD} cannot be read") from error


def verify(path: Path, record: Record, items: tuple[str, ...] | None = None) -> None:
    """Check that the files of a checkpoint are those that were written.

    Files that do not belong to it do not matter.

    Args:
        path: Its folder.
        record: Its record; without digests nothing can be checked.
        items: Only the files of these items, and those that describe the whole; None for all.

    Raises:
        DamagedError: A file is missing or holds something else. The message names the first one.
    """
    for name, (size, expected) in (record.files or {}).items():
        item, _, inside = name.partition("/")
        if items is not None and inside and item not in items:
            continue
        file = path / name
        if not file.is_file():
            raise DamagedError(path, f"{name} is missing")
        if file.stat().st_size != size:
            raise DamagedError(path, f"{name} has {file.stat().st_size} bytes, not {size}")
        if digest(file) != expected:
            raise DamagedError(path, f"{name} is not what was written")


def digest(path: Path) -> str:
    """Return the CRC-32C of a file in hexadecimal.

    It finds changes of up to 32 neighbouring bits, and all others but one in 4 billion, and is ten
    times as fast as SHA-256.
    """
    checksum = google_crc32c.Checksum()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            checksum.update(block)
    return checksum.hexdigest().decode()


def _digest(fields: dict[str, Any]) -> str:
    text = json.dumps(fields, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _of_former_version(path: Path) -> Record:
    """Return what is known of a checkpoint without a record.

    Raises:
        DamagedError: It says that it has a record, or what it says of itself cannot be read.
    """
    description = _read_json(path, ORBAX_DESCRIPTION)
    if description.get("custom_metadata") == MARK:
        raise DamagedError(path, f"{RECORD} is missing")
    items = set(description.get("item_handlers") or ())
    # Orbax passes over an item of which it cannot read this.
    for item in sorted(items - {ORBAX_METRICS}):
        _read_json(path, f"{item}/{ORBAX_ITEM}")
    score = None
    if ORBAX_METRICS in items:
        score = _read_json(path, ORBAX_SCORE).get(SCORE)
        if not isinstance(score, float):
            raise DamagedError(path, f"{ORBAX_SCORE} has no {SCORE}")
    return Record(int(path.name), score, [], MadeWith({}, {}), None)


def _read_json(path: Path, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads((path / name).read_bytes()))
    except (ValueError, TypeError, OSError, RecursionError) as error:
        raise DamagedError(path, f"{name} cannot be read") from error

"""What there is of a dataset's version at an fsspec address, and whether a copy is still as it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import fsspec

from samjax.errors import UserError, one_line
from samjax.files.checksum import checksum
from samjax.files.json_file import read_json

BLOCK = 2**22  # bytes in memory at a time
DESCRIPTIONS = ("dataset_info.json", "features.json", "metadata.json", "report.json")
"""The small files of a dataset's folder, beside its shards."""
STAMPS = (
    *("ETag", "etag", "md5Hash", "content_md5", "Content-MD5", "Digest", "crc32c", "checksum"),
    *("generation", "version_id", "LastModified", "Last-Modified", "last_modified", "updated"),
    *("modified", "mtime", "created", "ino"),
)
"""What the protocols call that which changes with the contents of a file."""
STATE = "origin.json"
"""What `listing` said when the mirror was made; it lies above the mirror."""


def filesystem(address: str) -> fsspec.AbstractFileSystem:
    """Return fsspec's file system for an address; UserError if there is none."""
    try:
        return fsspec.core.url_to_fs(address)[0]
    except (ImportError, ValueError) as error:
        raise UserError(f"{address} cannot be opened ({one_line(error)})") from error


def listing(address: str) -> dict[str, list[str]]:
    """Return {file: its size and what else tells its contents} of a dataset's version."""
    files = filesystem(address)
    state = {}
    for entry in files.ls(address, detail=True):
        file = entry["name"].rstrip("/").rsplit("/", 1)[-1]
        if entry.get("type") == "file" and (file in DESCRIPTIONS or ".array_record" in file):
            if not any(entry.get(name) for name in STAMPS):  # some protocols tell more if asked
                entry = {**entry, **files.info(entry["name"])}
            state[file] = [f"{name}={entry[name]}" for name in ("size", *STAMPS) if name in entry]
    return state


def differences(address: str, folder: Path) -> Iterator[str]:
    """Yield a line for each file of a mirror whose bytes are not those of its origin."""
    for file in listing(address):
        ours = folder / file
        try:
            with filesystem(address).open(f"{address}/{file}", "rb") as origin:
                same = ours.is_file() and _digest(origin) == checksum(ours, "sha256")
        except Exception as error:  # each protocol raises its own
            yield f"{address}/{file} cannot be read ({one_line(error)})"
            continue
        if not same:
            yield f"{ours} is not as {address}/{file}; delete it, and it is copied again"


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def check_state(address: str, file: str, folder: Path) -> None:
    """Raise UserError if a file at the address has changed since the mirror's folder was made."""
    known = folder.parent / STATE
    if known.is_file() and listing(address).get(file) != read_json(known).get(file):
        raise UserError(
            f"{address}/{file} has changed since this program opened the dataset; start again"
        )

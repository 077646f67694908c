"""What there is of a dataset's version at an fsspec address, and whether a copy is still as it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import fsspec

from samjax.errors import UserError, one_line
from samjax.files.address import filesystem
from samjax.files.checksum import checksum
from samjax.files.json_file import read_json

BLOCK = 2**22  # bytes in memory at a time
DESCRIPTIONS = ("dataset_info.json", "features.json", "metadata.json", "report.json")
"""The small files of a dataset's folder, beside its shards."""
CONTENTS = (
    *("ETag", "etag", "md5Hash", "content_md5", "Content-MD5", "Digest", "crc32c", "checksum"),
    *("generation", "version_id"),
)
"""What the protocols call that which changes with the contents of a file, the best first."""
TIMES = (
    *("LastModified", "Last-Modified", "last_modified", "updated", "modified", "mtime"),
    *("created", "ino"),
)
"""What else they tell; it counts where nothing of CONTENTS is told."""
STATE = "origin.json"
"""What `listing` said when the mirror was made; it lies above the mirror."""


def listing(address: str) -> dict[str, list[str]]:
    """Return {file: `state_of` it} of a dataset's version.

    Raises:
        UserError: The address cannot be read.
    """
    files = filesystem(address)
    try:
        names = [path.rstrip("/").rsplit("/", 1)[-1] for path in files.ls(address, detail=False)]
        wanted = [name for name in names if name in DESCRIPTIONS or ".array_record" in name]
        return {name: state_of(files, f"{address}/{name}") for name in sorted(wanted)}
    except Exception as error:  # each protocol raises its own
        raise UserError(f"{address} cannot be read ({one_line(error)})") from error


def state_of(files: fsspec.AbstractFileSystem, path: str) -> list[str]:
    """Return the size of a file, and what else the protocol tells of its contents."""
    info = files.info(path)
    contents = [name for name in CONTENTS if info.get(name)][:1]
    told = contents or [name for name in TIMES if info.get(name)]
    # Some protocols put a checksum into quotes in one answer and not in another.
    return [f"{name}={info.get(name)}".replace('"', "") for name in ("size", *told)]


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
    if not known.is_file():
        return
    files = filesystem(address)
    files.invalidate_cache()  # else the answer may be that of the listing
    if state_of(files, f"{address}/{file}") != read_json(known).get(file):
        raise UserError(
            f"{address}/{file} has changed since this program opened the dataset; start again"
        )

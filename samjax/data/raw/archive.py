"""Archives read in place: their members by name, links in them followed, sizes bounded."""

import bz2
import gzip
import io
import lzma
import posixpath
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from samjax.data.raw.bounded import (
    BoundedStream,
    expansion_limit,
    read_bounded,
    too_large,
)
from samjax.errors import UserError, one_line
from samjax.files.limits import MAX_FILE_BYTES

ENDING = re.compile(r"\.(zip|tar|tar\.gz|tgz|tar\.bz2|tbz2?|tar\.xz|txz)$", re.IGNORECASE)
FOREIGN = re.compile(r"\.(rar|7z|tar\.zst|tzst|tar\.lz4|gz|bz2|xz|zst)$", re.IGNORECASE)
"""Endings of archives that are not read."""

OPENERS: dict[bytes, Callable] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
"""How a compressed .tar is opened, by its first bytes."""

MAX_LINKS = 8  # that lead from one to the next


class Member(NamedTuple):
    """A file in an archive.

    Attributes:
        size: Bytes, unpacked, as the archive says.
        stored: Bytes that it takes in the archive.
        checksum: Of its contents, 0 if the archive has none.
        link: The name that it leads to, "" if it is a file itself.
        hard: Whether `link` is the name of a member, rather than a path from the link's folder.
    """

    size: int
    stored: int
    checksum: int = 0
    link: str = ""
    hard: bool = False


class OpenArchive:
    """A .zip or .tar file.

    Attributes:
        members: {name: Member} of all files and links, in the order of the archive.

    Raises:
        UserError: It is damaged.
    """

    def __init__(self, path: Path) -> None:
        """Open the archive, and list what is in it."""
        self._path = path
        self._files: list[Any] = []  # to close, the outer ones first
        try:
            self._zip = zipfile.ZipFile(path) if _is_zip(path) else None
            if self._zip:
                self._infos = {_zip_name(info): info for info in self._zip.infolist()}
                listed = {name: self._of_zip(info) for name, info in self._infos.items()}
            else:
                self._tar = self._open_tar()
                listed = {info.name: _of_tar(info) for info in self._tar}
            self.members = {name: member for name, member in listed.items() if member}
            # Links may name a member by another path than it has, such as without "./".
            self._by_path = {posixpath.normpath(name): name for name in self.members}
        except UserError:
            self.close()
            raise
        except Exception as error:  # whatever damaged bytes make of the readers
            self.close()
            raise UserError(f"{path} cannot be read ({one_line(error)}); get it again") from error

    def target(self, name: str) -> str:
        """Return the file that a member is or leads to, "" if it leads nowhere in the archive."""
        for _ in range(MAX_LINKS):
            member = self.members.get(name)
            if member is None:
                return ""
            if not member.link:
                return name
            folder = "" if member.hard else posixpath.dirname(name)
            path = posixpath.normpath(posixpath.join(folder, member.link))
            name = self._by_path.get(path, "")
        return ""

    def read(self, name: str) -> bytes:
        """Return the bytes of a member; UserError names it if they are damaged."""
        name = self.target(name)
        where, member = f"{name} in {self._path}", self.members[name]
        # A .tar is compressed as a whole, so its limit is that of the stream.
        limit = min(MAX_FILE_BYTES, expansion_limit(member.stored)) if self._zip else MAX_FILE_BYTES
        if member.size > limit:
            raise too_large(where, limit)
        try:
            with self._open(name) as file:
                return read_bounded(file, limit, where)
        except UserError:
            raise
        except Exception as error:  # damaged, encrypted, or oddly compressed
            raise UserError(f"{where} cannot be read ({one_line(error)})") from error

    def _open(self, name: str) -> BinaryIO:
        if self._zip:
            return cast(BinaryIO, self._zip.open(self._infos[name]))
        file = self._tar.extractfile(name)
        return cast(BinaryIO, file or io.BytesIO())

    def _open_tar(self) -> tarfile.TarFile:
        file = open(self._path, "rb")  # noqa: SIM115 - closed with the archive
        self._files.append(file)
        start = file.read(6)
        file.seek(0)
        opener = next((o for mark, o in OPENERS.items() if start.startswith(mark)), None)
        if opener is None:
            return tarfile.open(fileobj=file, mode="r:")
        # A small one holds no dataset of many gigabytes.
        stored = self._path.stat().st_size
        limit = expansion_limit(stored)
        if stored > MAX_FILE_BYTES // 1000:
            limit = max(limit, 4 * MAX_FILE_BYTES)
        unpacked = opener(file)
        self._files.insert(0, unpacked)
        stream = BoundedStream(unpacked, limit, str(self._path))
        return tarfile.open(fileobj=io.BufferedReader(stream), mode="r:")

    def close(self) -> None:
        """Close the files that the archive is read from."""
        for file in self._files:
            file.close()

    def __del__(self) -> None:
        """Close the files of an archive that nobody needs any more."""
        self.close()

    def _of_zip(self, info: zipfile.ZipInfo) -> Member | None:
        if info.is_dir() or info.filename.endswith("\\"):
            return None
        link = ""
        if stat.S_ISLNK(info.external_attr >> 16) and info.file_size < 4096:
            assert self._zip
            link = self._zip.read(info).decode("utf-8", "surrogateescape")
        return Member(info.file_size, info.compress_size, info.CRC, link)


def _is_zip(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"PK" or path.suffix.lower() == ".zip"


def _zip_name(info: zipfile.ZipInfo) -> str:
    # Some programs under Windows write its separator, against the format's rule.
    return info.filename.replace("\\", "/")


def _of_tar(info: tarfile.TarInfo) -> Member | None:
    if info.issym() or info.islnk():
        return Member(0, 0, link=info.linkname, hard=info.islnk())
    return Member(info.size, info.size) if info.isfile() else None

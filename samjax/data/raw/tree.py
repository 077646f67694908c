"""Raw files as published: a folder and the archives in it, read in place, as one tree of names."""

import re
import tarfile
import zipfile
import zlib
from pathlib import Path

from samjax.errors import UserError, one_line

JUNK = re.compile(r"(^|/)(__MACOSX|\.svn|\.git)/|(^|/)(\._[^/]*|\.DS_Store|Thumbs\.db)$")
"""Names that archives carry beside their contents."""

ARCHIVE = re.compile(r"\.(zip|tar|tar\.gz|tgz)$")

# What damaged, encrypted or oddly compressed archives raise.
DAMAGES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)

Archive = zipfile.ZipFile | tarfile.TarFile


class Tree:
    """The files under `root`, and the members of the archives there, by name.

    A member of ARCHIVE.zip is called ARCHIVE/member, so that an archive and the folder that someone
    extracted it to look alike up to leading folders. Therefore names are matched by their end.
    A tree is picklable, and each process opens the archives for itself.

    Attributes:
        root: The folder, or a single file or archive.
        names: The names of all files, sorted.

    Raises:
        UserError: The root does not exist, or an archive cannot be read.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root).expanduser()
        if not self.root.exists():
            raise UserError(f"{self.root} does not exist; give --source the raw files' folder")
        self._open: dict[Path, Archive] = {}
        # {name: (file on disk, the member's name if that file is an archive)}
        self._members: dict[str, tuple[Path, str | None]] = {}
        files = sorted(self.root.rglob("*")) if self.root.is_dir() else [self.root]
        base = self.root if self.root.is_dir() else self.root.parent
        # Sorted, so that the first of several copies is the same on every machine.
        for path in files:
            if path.is_file():
                self._add(path, path.relative_to(base).as_posix())
        self.names = tuple(sorted(self._members))

    def match(self, pattern: str) -> list[re.Match[str]]:
        """Return a match for each name whose end, from a folder's start, fits the pattern."""
        compiled = re.compile(rf"(?:^|.*/){pattern}$")
        matches = (compiled.match(name) for name in self.names)
        return [match for match in matches if match]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; UserError names it if they are damaged."""
        path, member = self._members[name]
        if member is None:
            return path.read_bytes()
        archive = self._archive(path)
        try:
            if isinstance(archive, zipfile.ZipFile):
                return archive.read(member)
            file = archive.extractfile(member)
            return file.read() if file else b""
        except DAMAGES as error:
            raise UserError(f"{member} in {path} cannot be read ({one_line(error)})") from error

    def size(self, name: str) -> int:
        """Return the number of bytes of a file, unpacked."""
        path, member = self._members[name]
        if member is None:
            return path.stat().st_size
        archive = self._archive(path)
        if isinstance(archive, zipfile.ZipFile):
            return archive.getinfo(member).file_size
        return archive.getmember(member).size

    def _add(self, path: Path, name: str) -> None:
        if ARCHIVE.search(path.name):
            prefix = ARCHIVE.sub("", name)
            for member in self._list(path):
                if not JUNK.search(member):
                    self._members[f"{prefix}/{member}"] = path, member
        elif not JUNK.search(name):
            self._members[name] = path, None

    def _list(self, path: Path) -> list[str]:
        archive = self._archive(path)
        if isinstance(archive, zipfile.ZipFile):
            return [info.filename for info in archive.infolist() if not info.is_dir()]
        return [info.name for info in archive.getmembers() if info.isfile()]

    def _archive(self, path: Path) -> Archive:
        """Return the archive, which stays open: its directory is long and needed for each file."""
        if path not in self._open:
            try:
                opener = zipfile.ZipFile if path.suffix == ".zip" else tarfile.open
                self._open[path] = opener(path)
            except DAMAGES as error:
                raise UserError(f"{path} cannot be read ({error}); download it again") from error
        return self._open[path]

    def __getstate__(self) -> dict:
        return self.__dict__ | {"_open": {}}

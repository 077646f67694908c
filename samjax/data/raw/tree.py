"""Raw files as published: a folder and the archives in it, read in place, as one tree of names."""

import os
import re
from pathlib import Path

from samjax.data.raw import archive as archives
from samjax.data.raw.archive import OpenArchive
from samjax.data.raw.bounded import read_bounded
from samjax.data.raw.names import is_readable, shown
from samjax.data.raw.problems import Problems
from samjax.data.raw.walk import walk
from samjax.errors import UserError, one_line
from samjax.files.limits import MAX_FILE_BYTES
from samjax.files.walk import is_junk

JUNK_FILES = re.compile(r"Thumbs\.db|desktop\.ini|.*~", re.IGNORECASE)
"""Files that systems and programs put beside a dataset."""

LEADING = re.compile(r"^(?:\.?/)+")
"""What some archives begin the names of their members with."""


def is_junk_path(name: str) -> bool:
    """Return whether a file, or a folder that it is in, is no content: hidden, or of a system."""
    *folders, last = name.split("/")
    return any(map(is_junk, (*folders, last))) or bool(JUNK_FILES.fullmatch(last))


class Tree:
    """The files under `root`, and the members of the archives there, by name.

    A member of ARCHIVE.zip is called ARCHIVE/member, so that an archive and the folder that someone
    extracted it to look alike up to leading folders. Therefore names are matched by their end.
    Links are followed, see `samjax.data.raw.walk`; a name is the one that the user sees.
    A tree is picklable, and each process opens the archives for itself.

    Attributes:
        root: The folder, or a single file or archive.
        names: The names of all files, sorted.
        warnings: Links that are not followed or lead elsewhere, and archives that are not read.
        errors: Folders and archives that cannot be read, and names that are not text.

    Raises:
        UserError: The root does not exist, or a file cannot be read.
    """

    def __init__(self, root: str | Path) -> None:
        """List the files under a folder, or the one file or archive that it is instead."""
        self.root = Path(root).expanduser()
        if not self.root.exists():
            raise UserError(f"{self.root} does not exist; give --source the raw files' folder")
        self.warnings, self.errors = Problems(), Problems()
        self._open: dict[Path, OpenArchive] = {}
        # {name: (file on disk, the member's name if that file is an archive)}
        self._members: dict[str, tuple[Path, str | None]] = {}
        self._states: dict[Path, tuple[int, ...]] = {}
        if self.root.is_dir():
            for file in walk(self.root, self.warnings, self.errors, lambda n: is_junk_path(n)):
                self._add(file.path, file.name, file.stat)
        else:
            self._add(self.root, self.root.name, self.root.stat())
        self.names = tuple(sorted(self._members))

    def match(self, pattern: str) -> list[re.Match[str]]:
        """Return a match for each name whose end, from a folder's start, fits the pattern."""
        compiled = re.compile(rf"(?:^|.*/){pattern}$")
        matches = (compiled.match(name) for name in self.names)
        return [match for match in matches if match]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; UserError names it if they cannot be read."""
        path, member = self._members[name]
        if member is not None:
            return self._archive(path).read(member)
        try:
            with open(path, "rb") as file:
                return read_bounded(file, MAX_FILE_BYTES, name)
        except OSError as error:
            raise UserError(f"{name} cannot be read ({one_line(error)})") from error

    def size(self, name: str) -> int:
        """Return the number of bytes of a file, unpacked."""
        path, member = self._members[name]
        if member is None:
            return self._states[path][0]
        archive = self._archive(path)
        return archive.members[archive.target(member)].size

    def state(self) -> list[tuple]:
        """Return what changes when any of the files does: sizes, times to the nanosecond, places.

        The time at which the system changed a file's entry counts, too: programs that copy files
        set the other one back.
        """
        return [(name, path.name, *self._states[path]) for name, (path, _) in self._members.items()]

    def _add(self, path: Path, name: str, status: os.stat_result) -> None:
        if not is_readable(name):
            self.errors.add("name not in UTF-8", shown(name), "rename the file")
            return
        state = status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
        self._states[path] = state
        if not archives.ENDING.search(name):
            if archives.FOREIGN.search(name) and not name.lower().endswith(".csv.gz"):
                what = "is an archive of a kind that is not read; extract it"
                self.warnings.add("archive not read", name, what)
            self._members[name] = path, None
            return
        prefix = archives.ENDING.sub("", name)
        try:
            archive = self._archive(path)
        except UserError as error:
            if not self.root.is_dir():
                raise
            self.errors.add("unreadable archive", name, str(error))
            return
        for member in archive.members:
            self._add_member(archive, path, prefix, member)

    def _add_member(self, archive: OpenArchive, path: Path, prefix: str, member: str) -> None:
        inner = LEADING.sub("", member)
        if is_junk_path(inner):
            return
        name = f"{prefix}/{inner}"
        if not is_readable(name):
            self.errors.add("name not in UTF-8", shown(name), "rename the file")
        elif not archive.target(member):
            what = "leads to no file in the archive"
            self.warnings.add("broken link", name, what)
        else:
            self._members[name] = path, member

    def _archive(self, path: Path) -> OpenArchive:
        """Return the archive, which stays open: its directory is long and needed for each file."""
        if path not in self._open:
            self._open[path] = OpenArchive(path)
        return self._open[path]

    def __getstate__(self) -> dict:
        """Return what goes to another process: all but the open archives."""
        return self.__dict__ | {"_open": {}}

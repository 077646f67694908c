"""A local folder that stands for one at an address, and the copying between the two.

What renames, locks and appends needs a folder of a file system. So a program works in a local
folder, and what has changed there is copied to the address at the moments when it is whole. Nothing
can be renamed at an address; instead one file of each group, its marker, is copied last and removed
first: what has no marker there does not exist yet, or no more.
"""

import posixpath
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from samjax.errors import UserError, one_line
from samjax.files.address import filesystem


class Rules(NamedTuple):
    """What is copied, and in which order.

    Attributes:
        ignores: Whether a file, by its path in the folder with "/" between, is never copied.
        is_marker: Whether a file is the marker of the folder that it lies in.
        needs_marker: Returns the path of the marker that a file counts with, "" if it has none.
    """

    ignores: Callable[[str], bool]
    is_marker: Callable[[str], bool]
    needs_marker: Callable[[str], str]


ATTEMPTS = 5
State = tuple[int, int]  # size and time of a local file


class Mirror:
    """The copying between a local folder and an address, as it was last.

    Attributes:
        address: Without a slash at its end.
        folder: The local one.
    """

    def __init__(self, address: str, folder: Path, rules: Rules) -> None:
        """Copy nothing yet.

        Args:
            address: Such as s3://BUCKET/FOLDER.
            folder: An empty folder.
            rules: What is copied, and in which order.

        Raises:
            UserError: There is no such protocol, or what it needs is not installed.
        """
        self.address, self.folder, self._rules = address.rstrip("/"), folder, rules
        self._files = filesystem(address)
        self._copied: dict[str, State] = {}
        self._lock = threading.Lock()  # a checkpoint appears in a thread of its own

    def download(self) -> None:
        """Copy to the folder all that is at the address, but what has no marker.

        Raises:
            UserError: Something cannot be read.
        """
        for _ in range(ATTEMPTS):
            try:
                self._download()
                return
            except FileNotFoundError:  # a run that goes on there has removed it meanwhile
                shutil.rmtree(self.folder)
                self.folder.mkdir()
                self._copied.clear()
            except UserError:
                raise
            except Exception as error:  # each protocol raises its own
                raise UserError(f"{self.address} cannot be read ({one_line(error)})") from error
        raise UserError(f"{self.address} changes all the time; try again when its run has ended")

    def _download(self) -> None:
        there = self._listed()
        for name in sorted(there, key=self._last_markers):
            marker = self._rules.needs_marker(name)
            if not marker or marker in there:
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                self._files.get_file(self._at(name), str(path))
                self._copied[name] = _state(path)
        # What is there without its marker is removed by the next upload.
        self._copied |= {name: (-1, -1) for name in there if name not in self._copied}

    def upload(self, removes: bool = True) -> None:
        """Copy to the address what has changed here: files first, markers last.

        Args:
            removes: Whether what is here no more is removed there.

        Raises:
            UserError: Something cannot be written; the next call tries again.
        """
        with self._lock:
            try:
                here = self._here()
                changed = [name for name, state in here.items() if self._copied.get(name) != state]
                gone = [name for name in self._copied if name not in here] if removes else []
                # What gets other contents does not exist until it has all of them.
                for name in filter(self._rules.is_marker, changed):
                    self._remove(name)
                for name in sorted(changed, key=self._last_markers):
                    self._put(name, here[name])
                for name in sorted(gone, key=self._last_markers, reverse=True):
                    self._remove(name)
            except Exception as error:  # each protocol raises its own
                raise UserError(f"{self.address} cannot be written ({one_line(error)})") from error

    def _last_markers(self, name: str) -> tuple[bool, str]:
        return self._rules.is_marker(name), name

    @property
    def is_empty(self) -> bool:
        """Whether nothing was at the address, and nothing was copied to it."""
        return not self._copied

    def read(self, name: str) -> str:
        """Return the text of a file at the address, "" if there is none."""
        try:
            self._files.invalidate_cache()
            return self._files.cat_file(self._at(name)).decode()
        except FileNotFoundError:
            return ""
        except Exception as error:  # each protocol raises its own
            raise UserError(f"{self._at(name)} cannot be read ({one_line(error)})") from error

    def write(self, name: str, text: str) -> None:
        """Write a file at the address only."""
        try:
            self._files.pipe_file(self._at(name), text.encode())
        except Exception as error:  # each protocol raises its own
            raise UserError(f"{self._at(name)} cannot be written ({one_line(error)})") from error

    def _listed(self) -> set[str]:
        """Return the paths of all files at the address, but those that are never copied."""
        self._files.invalidate_cache()
        root = self._files._strip_protocol(self.address).rstrip("/") + "/"
        try:
            found = self._files.find(self.address)
        except FileNotFoundError:  # some protocols say so of a folder without files
            return set()
        names = {path.removeprefix(root) for path in found}
        for name in names:
            if posixpath.isabs(name) or ".." in name.split("/") or "\\" in name:
                raise UserError(f"{self.address} has a file with the name {name}; move it away")
        return {name for name in names if name and not self._rules.ignores(name)}

    def _here(self) -> dict[str, State]:
        found = {}
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if not self._rules.ignores(name) and path.is_file():
                found[name] = _state(path)
        return found

    def _put(self, name: str, state: State) -> None:
        path = self.folder / name
        # A run that writes in the folder may have removed it meanwhile, with its marker.
        if path.is_file():
            # Whole or not at all: stores show an object when its last byte has come.
            self._files.put_file(str(path), self._at(name))
            self._copied[name] = state

    def _remove(self, name: str) -> None:
        if name in self._copied:
            with suppress(FileNotFoundError):
                self._files.rm_file(self._at(name))
            del self._copied[name]

    def _at(self, name: str) -> str:
        return f"{self.address}/{name}"


def _state(path: Path) -> State:
    status = path.stat()
    return status.st_size, status.st_mtime_ns

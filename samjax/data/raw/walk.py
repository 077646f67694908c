"""All files under a folder, links followed, each under the name that leads to it."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from samjax.data.raw.problems import Problems


class Found(NamedTuple):
    """A file.

    Attributes:
        path: Where it is.
        name: Its path from the folder, with "/", as the user sees it.
        stat: What the system says of the file that it leads to.
    """

    path: Path
    name: str
    stat: os.stat_result


def walk(
    root: Path, warnings: Problems, errors: Problems, skip: Callable[[str], bool] = bool
) -> Iterator[Found]:
    """Yield the files under a folder in the order of their names.

    A folder behind a link is read under the link's name, once: a second link to it, a link to a
    folder around itself, and a link to nothing are warnings. Links out of the folder are followed
    and are warnings.

    Args:
        root: The folder.
        warnings: Where links are named.
        errors: Where folders that cannot be read are named.
        skip: Whether a name is left out, with all that is below it.
    """
    status = os.stat(root)
    yield from _Walker(root, warnings, errors, skip).visit("", ((status.st_dev, status.st_ino),))


Identity = tuple[int, int]
"""What the system knows a folder by, whatever links lead to it."""


class _Walker:
    def __init__(
        self, root: Path, warnings: Problems, errors: Problems, skip: Callable[[str], bool]
    ) -> None:
        self._root, self._real_root = root, os.path.realpath(root)
        self._warnings, self._errors, self._skip = warnings, errors, skip
        self._linked: dict[Identity, str] = {}  # folders that were entered by a link, and its name

    def visit(self, folder: str, above: tuple[Identity, ...]) -> Iterator[Found]:
        """Yield the files under a folder; `above` are it and the folders around it."""
        try:
            entries = sorted(os.scandir(self._root / folder), key=lambda entry: entry.name)
        except OSError as error:
            self._errors.add("unreadable folder", folder or ".", error.strerror or str(error))
            return
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if self._skip(name):
                continue
            status = _status(entry, name, self._real_root, self._warnings)
            if status is None:
                continue
            identity = status.st_dev, status.st_ino
            if stat.S_ISREG(status.st_mode):
                yield Found(Path(entry.path), name, status)
            elif stat.S_ISDIR(status.st_mode) and self._may_enter(entry, name, identity, above):
                yield from self.visit(name, (*above, identity))

    def _may_enter(
        self, entry: os.DirEntry[str], name: str, identity: Identity, above: tuple[Identity, ...]
    ) -> bool:
        """Return whether a folder is to be read, or add a warning."""
        if identity in above:
            what = "leads to a folder around it; not followed"
            self._warnings.add("link in a circle", name, what)
            return False
        if entry.is_symlink():
            first = self._linked.setdefault(identity, name)
            if first != name:
                what = f"leads to the same folder as {first}; not followed again"
                self._warnings.add("second link to a folder", name, what)
                return False
        return True


def _status(
    entry: os.DirEntry, name: str, real_root: str, warnings: Problems
) -> os.stat_result | None:
    """Return what a name leads to; None, with a warning, if that is nothing."""
    try:
        status = entry.stat()
    except OSError as error:  # a link to nothing, or one that leads to itself
        warnings.add("broken link", name, error.strerror or str(error))
        return None
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if os.path.commonpath([target, real_root]) != real_root:
            warnings.add("link out of the source", name, f"leads to {target}; followed")
    return status

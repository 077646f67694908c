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
    real_root = os.path.realpath(root)
    linked: dict[tuple[int, int], str] = {}

    def visit(folder: str, above: tuple[tuple[int, int], ...]) -> Iterator[Found]:
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError as error:
            errors.add("unreadable folder", folder or ".", error.strerror or str(error))
            return
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if skip(name):
                continue
            status = _status(entry, name, real_root, warnings)
            if status is None:
                continue
            identity = status.st_dev, status.st_ino
            if stat.S_ISREG(status.st_mode):
                yield Found(Path(entry.path), name, status)
            elif stat.S_ISDIR(status.st_mode) and _may_enter(entry, name, identity, above):
                yield from visit(name, (*above, identity))

    def _may_enter(entry: os.DirEntry, name: str, identity: tuple[int, int], above: tuple) -> bool:
        if identity in above:
            warnings.add("link in a circle", name, "leads to a folder around it; not followed")
            return False
        if entry.is_symlink():
            first = linked.setdefault(identity, name)
            if first != name:
                what = f"leads to the same folder as {first}; not followed again"
                warnings.add("second link to a folder", name, what)
                return False
        return True

    status = os.stat(root)
    yield from visit("", ((status.st_dev, status.st_ino),))


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

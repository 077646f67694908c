"""The files below a folder as its user sees them: links followed once, what is no content left out.

A file is called what the user called it, not what a link points to, so that two links to one file
are two files. A folder is visited once, however many links lead to it, so no loop of links has an
end that is missed.
"""

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

JUNK_FOLDERS = frozenset(
    {
        *("__macosx", "$recycle.bin", "system volume information", "lost+found", "cvs", "_darcs"),
        *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "_vti_cnf"),
        *("thumbnails", "_thumbs", "__pycache__", "node_modules", "trash"),
    }
)
"""Folders of systems, network disks, version control and thumbnails, by name in lower case."""


@dataclass
class Walk:
    """What is below a folder.

    Attributes:
        files: The regular files, in the order of their paths.
        problems: What could not be followed or listed, and why, in words.
        notes: Lines about links that lead out of the folder, and about folders left out.
        left_out: How often folders were met that are left out for their name, hidden ones apart.
    """

    files: list[Path] = field(default_factory=list)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def is_junk(name: str) -> bool:
    """Return whether a file or folder of this name is no content: hidden, or of a system."""
    return name.startswith(".") or name.lower() in JUNK_FOLDERS


def walk(root: Path) -> Walk:
    """Return the files below a folder that are its user's content."""
    found = Walk()
    visited: set[tuple[int, int]] = set()
    # Real folders come before links to them, so that a file is called by its own place.
    waiting: list[Path] = [root]
    links: list[Path] = []
    while waiting or links:
        is_link = not waiting
        folder = waiting.pop() if waiting else links.pop(0)
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in visited:
                if is_link:
                    target = os.readlink(folder)
                    found.notes.append(f"{folder} is a link to {target}, which is read already")
                continue
            visited.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            found.problems.append((folder, error.strerror or str(error)))
            continue
        for path, is_folder, is_link in _contents(entries, found):
            if not is_folder:
                found.files.append(path)
            elif is_link:
                links.append(path)
            else:
                waiting.append(path)
    found.files.sort(key=lambda path: path.parts)
    _note_links(root, found)
    if found.left_out:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(found.left_out.items()))
        found.notes.append(f"left out in {root}, as folders of systems and thumbnails: {names}")
    return found


def _contents(entries: list[os.DirEntry[str]], found: Walk) -> Iterator[tuple[Path, bool, bool]]:
    """Yield what is of interest in a folder: its path, whether it is a folder, and a link."""
    for entry in entries:
        path = Path(entry.path)
        if is_junk(entry.name) and not entry.is_symlink():
            if not entry.name.startswith("."):
                found.left_out[entry.name] += 1
            continue
        try:
            mode = entry.stat().st_mode
        except OSError as error:
            if not entry.name.startswith("."):
                found.problems.append((path, _about_link(path, error)))
            continue
        if is_junk(entry.name):
            continue
        if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
            yield path, stat.S_ISDIR(mode), entry.is_symlink()


def _about_link(path: Path, error: OSError) -> str:
    """Return why a name in a folder leads nowhere."""
    if not path.is_symlink():
        return error.strerror or str(error)
    target = os.readlink(path)
    if error.errno == errno.ELOOP:
        return f"a link that leads to itself ({target})"
    if error.errno == errno.ENOENT:
        return f"a link to what is not there ({target})"
    return f"a link to {target}: {error.strerror}"


def _note_links(root: Path, found: Walk) -> None:
    """Note the folders and files that are reached by links out of the folder."""
    base = os.path.realpath(root)
    outside = [path for path in found.files if not _is_below(os.path.realpath(path), base)]
    folders: dict[Path, int] = {}
    single = 0
    for path in outside:
        link = next((p for p in [*path.parents][::-1] if p != root and p.is_symlink()), None)
        if link is not None and root in link.parents:
            folders[link] = folders.get(link, 0) + 1
        else:
            single += 1
    for link, count in folders.items():
        target = os.path.realpath(link)
        found.notes.append(f"{link} is a link to {target}, out of {root}: {count} files there")
    if single:
        found.notes.append(f"{single} files in {root} are links to files out of it")


def _is_below(path: str, base: str) -> bool:
    return path == base or path.startswith(base.rstrip(os.sep) + os.sep)

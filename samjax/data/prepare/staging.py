"""Datasets appear under their name whole or not at all: they are made in hidden folders beside it.

A fresh folder is gone after a failure. A kept folder stays, so that the next run can go on.
"""

import fcntl
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from samjax.data.sources import default_data_dir
from samjax.errors import UserError
from samjax.files.atomic import write_atomic

LOCK, FINGERPRINT = "lock", "fingerprint"


def final_place(name: str, data_dir: str | Path | None, overwrite: bool) -> Path:
    """Where dataset `name` belongs; UserError if it may not be put there."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UserError(f"dataset name '{name}' must be lower-case letters, digits and _")
    final = Path(data_dir or default_data_dir()).expanduser().absolute() / name
    if final.exists() and not overwrite:
        raise UserError(f"{final} is there already; pass --overwrite to replace it")
    return final


@contextmanager
def fresh_folder(name: str, data_dir: str | Path | None, overwrite: bool) -> Iterator[Path]:
    """A temporary data directory beside the final place; what the body wrote in it as
    `<name>/<version>` moves there at the end. If the body fails, nothing is left."""
    final = final_place(name, data_dir, overwrite)
    made = _make_directory(final.parent)
    temporary = Path(tempfile.mkdtemp(prefix=f".{name}.incomplete-", dir=final.parent))
    finished = False
    try:
        with _stopped_by_sigterm():
            yield temporary
            _replace(final, temporary / name, temporary / "old")
            finished = True
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if not finished:
            _remove_empty(made)


def kept_place(final: Path) -> Path:
    return final.with_name(f".{final.name}.incomplete")


@contextmanager
def kept_folder(final: Path, fingerprint: str) -> Iterator[Path]:
    """As `fresh_folder`, but after a failure the next run with this fingerprint gets the folder
    as it was; under another fingerprint it starts anew. UserError if another run has it."""
    made = _make_directory(final.parent)
    folder = kept_place(final)
    folder.mkdir(exist_ok=True)
    finished = False
    try:
        with _stopped_by_sigterm(), _locked(folder):
            _keep_only(folder, fingerprint)
            yield folder
            _replace(final, folder / final.name, folder / "old")
            shutil.rmtree(folder)
            finished = True
    finally:
        if not finished:
            _remove_empty(made)


def discard(folder: Path):
    """Removes a kept folder in which nothing is worth keeping."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the folder for this process; a process that is killed lets go of it."""
    with open(folder / LOCK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(f"another run is writing in {folder}; wait for it") from error
        yield


def _keep_only(folder: Path, fingerprint: str):
    """Empties the folder unless it was left by a run with this fingerprint."""
    file = folder / FINGERPRINT
    if file.is_file() and file.read_text() == fingerprint:
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()
    write_atomic(file, fingerprint)


def _make_directory(root: Path) -> list[Path]:
    """Makes a folder; returns those that were made, innermost first."""
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    root.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: list[Path]):
    for folder in folders:
        if not any(folder.iterdir()):
            folder.rmdir()


def _replace(final: Path, new: Path, old: Path):
    """Moves `new` to `final`; what was there before comes back if that fails."""
    try:
        if final.exists():
            os.rename(final, old)
        os.rename(new, final)
    except BaseException:
        if old.exists() and not final.exists():
            os.rename(old, final)
        raise


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Lets SIGTERM unwind the stack as Ctrl-C does, so that clean-up runs."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return

    def stop(signum: int, frame: object):
        raise SystemExit(128 + signum)

    before: Callable | int | None = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""Hidden folders in which datasets are made, so that they appear under their name whole.

A fresh folder is gone after a failure. A kept folder stays, so that the next run can go on.
"""

import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from samjax.data.dataset import default_data_dir
from samjax.errors import UserError
from samjax.files.atomic import write_atomic
from samjax.files.lock import locked

LOCK, FINGERPRINT = "lock", "fingerprint"


def final_place(name: str, data_dir: str | Path | None, *, overwrite: bool) -> Path:
    """Return the folder to which a dataset belongs, `<data_dir>/<name>`.

    Args:
        name: The dataset's name.
        data_dir: Where prepared datasets are; None: the default.
        overwrite: Whether a dataset of this name may be replaced.

    Raises:
        UserError: It is no name for TFDS, or a dataset is there that may not be replaced.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UserError(
            f"dataset name '{name}' must be lower-case letters, digits and _; give --name"
        )
    final = Path(data_dir or default_data_dir()).expanduser().absolute() / name
    if final.exists() and not overwrite:
        raise UserError(f"{final} is there already; pass --overwrite to replace it")
    return final


@contextmanager
def fresh_folder(name: str, data_dir: str | Path | None, *, overwrite: bool) -> Iterator[Path]:
    """Yield a temporary data directory beside the final place.

    What the body writes in it as `<name>/<version>` moves to the final place at the end. If the
    body fails, nothing is left. For the arguments see `final_place`.
    """
    final = final_place(name, data_dir, overwrite=overwrite)
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
    """Return the hidden folder in which the dataset for a final place is made by `kept_folder`."""
    return final.with_name(f".{final.name}.incomplete")


@contextmanager
def kept_folder(final: Path, fingerprint: str) -> Iterator[Path]:
    """Yield a folder as `fresh_folder` does, but one that stays after a failure.

    Args:
        final: The final place of the dataset.
        fingerprint: A text for what is written. The next run with the same fingerprint gets the
            folder as it was; with another one it gets an empty folder.

    Raises:
        UserError: Another run is using the folder.
    """
    made = _make_directory(final.parent)
    folder = kept_place(final)
    folder.mkdir(exist_ok=True)
    finished = False
    try:
        with _stopped_by_sigterm(), locked(folder, "wait for it", LOCK):
            _empty_unless(folder, fingerprint)
            yield folder
            _replace(final, folder / final.name, folder / "old")
            shutil.rmtree(folder)
            finished = True
    finally:
        if not finished:
            _remove_empty(made)


def discard(folder: Path) -> None:
    """Remove a kept folder in which nothing is worth keeping."""
    shutil.rmtree(folder, ignore_errors=True)


def _empty_unless(folder: Path, fingerprint: str) -> None:
    """Empty the folder unless it was left by a run with this fingerprint."""
    file = folder / FINGERPRINT
    if file.is_file() and file.read_text("utf-8") == fingerprint:
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()
    write_atomic(file, fingerprint)


def _make_directory(root: Path) -> list[Path]:
    """Make a folder and those above it; return the ones that were made, innermost first."""
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    root.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        if not any(folder.iterdir()):
            folder.rmdir()


def _replace(final: Path, new: Path, old: Path) -> None:
    """Move `new` to `final`; what was there before comes back if that fails."""
    # Both renames are instant; nobody sees half a dataset, only for a moment none.
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
    """Let SIGTERM unwind the stack as Ctrl-C does, so that the folders are cleaned up."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return

    def stop(signum: int, frame: object) -> None:
        raise SystemExit(128 + signum)

    before: Callable | int | None = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

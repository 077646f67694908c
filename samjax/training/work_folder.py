"""Work folders at addresses, such as --workdir=s3://BUCKET/RUN: a local folder stands for each.

A run works in a folder of the user's cache and copies what is new to the address whenever a
checkpoint is complete, an evaluation is written, and at its end. The address alone counts: each
program begins with what is there, on whatever machine, and a run that was killed goes on from its
last checkpoint there. Who begins to write a run at an address takes it over: a run elsewhere that
still writes there (of a machine that was given up, say) notices it at its next copy, and ends.
"""

import hashlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jax

from samjax.console.log import log
from samjax.errors import UserError
from samjax.files.address import is_address
from samjax.files.cache import cache_dir
from samjax.files.lock import LOCK, locked
from samjax.files.mirror import Mirror, Rules
from samjax.training.checkpoint_folders import ORBAX_UNFINISHED, REMOVING, SAVING
from samjax.training.record import RECORD

OWNER = ".owner"
"""The file at an address that names the run which writes there."""
CHECKPOINTS = "checkpoints"


class TakenOverError(UserError):
    """Another run has begun to write at an address."""


class _Open:
    """A work folder at an address that this process has open.

    Attributes:
        mirror: Its local folder, and the copying.
        owner: What this run has written as `OWNER`; "" if it only adds files.
    """

    def __init__(self, mirror: Mirror, owner: str) -> None:
        """Remember that it is open."""
        self.mirror, self.owner = mirror, owner

    def publish(self) -> None:
        """Copy to the address what has changed.

        Raises:
            UserError: It cannot be written.
            TakenOverError: Another run has begun to write there.
        """
        if self.owner and self.mirror.read(OWNER) != self.owner:
            raise TakenOverError(
                f"{self.mirror.address} was taken over by another run that began to write there; "
                "this one ends, and leaves it as it is"
            )
        self.mirror.upload(removes=bool(self.owner))


_open: list[_Open] = []


@contextmanager
def opened(workdir: str | Path, *, writes_run: bool = False) -> Iterator[Path]:
    """Yield the local folder of a work folder, which is itself if it is no address.

    Args:
        workdir: A folder, or an address.
        writes_run: Whether the block trains there. Else it reads, and may add files, such as those
            of an evaluation.

    Raises:
        UserError: The address cannot be read or written, another run writes in it, or several
            processes would train there.
    """
    if not is_address(workdir):
        yield Path(workdir)
        return
    address = str(workdir).rstrip("/")
    name = address.rpartition("/")[2]
    if not name or name.endswith(":"):
        raise UserError(f"{workdir} names no folder; give one, such as {address}/NAME")
    if not writes_run:
        with tempfile.TemporaryDirectory(prefix="samjax-workdir-") as temporary:
            folder = Path(temporary) / name
            folder.mkdir()
            with _mirrored(Mirror(address, folder, RULES), ""):
                yield folder
        return
    if jax.process_count() > 1:
        raise UserError(
            f"{address}: a training of several processes needs a folder that all of them see, such "
            "as one of a shared file system; an address works with one process"
        )
    place = cache_dir() / "workdirs" / hashlib.sha256(address.encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    with locked(place, "wait for it, stop it, or choose another --workdir"):
        folder = place / name
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
        folder.mkdir()
        with _mirrored(Mirror(address, folder, RULES), f"{uuid.uuid4()}\n"):
            yield folder
        shutil.rmtree(folder, ignore_errors=True)  # all of it is at the address


@contextmanager
def _mirrored(mirror: Mirror, owner: str) -> Iterator[None]:
    """Fill a local folder, and copy what the block leaves, also where it ends by an exception."""
    if owner:
        log(f"works in {mirror.folder} and copies to {mirror.address} after every checkpoint")
        mirror.write(OWNER, owner)
    mirror.download()
    if mirror.is_empty and not owner:
        raise UserError(f"{mirror.address}: there is no work folder; train into it first")
    here = _Open(mirror, owner)
    _open.append(here)
    try:
        yield
    finally:
        _open.remove(here)
        try:
            here.publish()
        except TakenOverError:
            raise
        except UserError as error:
            kept = f"; what is not there yet is in {mirror.folder}" if owner else ""
            raise UserError(f"{error}{kept}") from error


def publish(folder: Path) -> None:
    """Copy what has changed where a folder stands for one at an address, or is inside of such.

    Nothing happens for other folders. Where the address cannot be written, that is told, and the
    next call tries again, as does the end of `opened`.

    Raises:
        TakenOverError: Another run has begun to write there.
    """
    for here in _open:
        if folder.resolve().is_relative_to(here.mirror.folder.resolve()):
            try:
                here.publish()
            except TakenOverError:
                raise
            except UserError as error:
                log(f"{error}; it is tried again with the next checkpoint")


def _ignores(name: str) -> bool:
    parts = name.split("/")
    unfinished = any(
        part.startswith((SAVING, REMOVING)) or ORBAX_UNFINISHED in part for part in parts
    )
    return unfinished or parts[-1] in (LOCK, OWNER) or parts[-1].startswith(".samjax-")


def _marker(name: str) -> str:
    """Return the record of the checkpoint that a file belongs to, "" if to none."""
    parts = name.split("/")
    if CHECKPOINTS not in parts[:-2]:
        return ""
    return "/".join([*parts[: parts.index(CHECKPOINTS) + 2], RECORD])


RULES = Rules(_ignores, lambda name: name == _marker(name), _marker)

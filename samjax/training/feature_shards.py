"""The shards of cached features on disk: written whole, found again, verified.

The name of a shard has the CRC-32C of its bytes, `00012.1a2b3c4d.npy`, so that both appear at once.
`samjax.data.stored_features` tells what is in it, and reads it.
"""

import io
import re
from pathlib import Path
from typing import NamedTuple

import google_crc32c
import numpy as np

from samjax.data.stored_features import Layout
from samjax.files.atomic import write_atomic
from samjax.training.record import digest

NAME = re.compile(r"(\d{5,})\.([0-9a-f]{8})\.npy")
UNFINISHED = ".*.tmp"
"""What `write_atomic` leaves where the process is killed."""


class Shards(NamedTuple):
    """The shards of a folder.

    Attributes:
        whole: Those that are as they were written, by their numbers.
        damaged: Those that are not.
    """

    whole: dict[int, Path]
    damaged: list[Path]

    def missing(self, layout: Layout) -> list[int]:
        """Return the numbers of the shards that are still to be made."""
        return [number for number in range(layout.shards) if number not in self.whole]


def find_shards(folder: Path) -> Shards:
    """Return the shards of a folder, which are read as a whole; none where there is no folder."""
    found = Shards({}, [])
    for path in sorted(folder.glob("*.npy")):
        if match := NAME.fullmatch(path.name):
            if digest(path) == match[2]:
                found.whole[int(match[1])] = path
            else:
                found.damaged.append(path)
    return found


def write_shard(folder: Path, number: int, rows: np.ndarray) -> Path:
    """Write a shard, whole or not at all; return its path.

    Args:
        folder: Of the features; it is made if it is not there.
        number: Of the shard.
        rows: Of the type of `Layout.row_type`.
    """
    data = io.BytesIO()
    np.save(data, rows)
    crc = google_crc32c.Checksum(data.getvalue()).hexdigest().decode()
    return write_atomic(folder / f"{number:05d}.{crc}.npy", data.getvalue())


def remove_useless(folder: Path, damaged: list[Path]) -> None:
    """Remove damaged shards, and unfinished files of a killed run; nobody else may write there."""
    for path in (*damaged, *folder.glob(UNFINISHED)):
        path.unlink(missing_ok=True)

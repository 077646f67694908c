"""The folder of an ablation, which may be at an address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samjax.errors import UserError
from samjax.files.address import is_address
from samjax.training.work_folder import opened

ALL_POINTS = "0/1"


@contextmanager
def ablation_folder(workdir: str, shard: str) -> Iterator[Path]:
    """Yield the local folder of an ablation.

    Args:
        workdir: A folder, or an address.
        shard: Which of the points are done here.

    Raises:
        UserError: Several programs would share an address, of which each would take it over.
    """
    if is_address(workdir) and shard != ALL_POINTS:
        raise UserError(
            f"--shard={shard}: shards share a folder of a file system, not an address such as "
            f"{workdir}; leave --shard out, or give a folder that all of them see"
        )
    with opened(workdir, writes_run=True) as folder:
        yield folder

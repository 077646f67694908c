"""Addresses that fsspec knows, such as s3://BUCKET/FOLDER, in place of folders."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from samjax.errors import UserError, one_line
from samjax.extras import how_to_install, wanted_for

if TYPE_CHECKING:
    import fsspec

KNOWN = {"s3": "remote", "s3a": "remote", "gs": "remote", "gcs": "remote"}
"""The extra that brings what a protocol needs; for others fsspec says what to install."""


ADDRESS = re.compile(r"[\w+.:-]{2,}://")
"""One letter before the colon is a drive of Windows."""


def is_address(place: str | Path | None) -> bool:
    """Return whether this is an address, rather than a folder."""
    return bool(ADDRESS.match(str(place or "")))


def filesystem(address: str) -> "fsspec.AbstractFileSystem":
    """Return fsspec's file system for an address.

    Raises:
        UserError: There is none, or what it needs is not installed.
    """
    with wanted_for(address):
        import fsspec
    try:
        return fsspec.core.url_to_fs(address)[0]
    except ImportError as error:
        extra = KNOWN.get(address.partition("://")[0])
        cure = f"; run {how_to_install(extra)}" if extra else ""
        raise UserError(f"{address} cannot be opened ({one_line(error)}){cure}") from error
    except ValueError as error:
        raise UserError(f"{address} cannot be opened ({one_line(error)})") from error

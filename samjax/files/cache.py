"""Where downloaded weights, compiled programs and copied shards are kept."""

import os
from pathlib import Path

from samjax.errors import UserError


class NoHomeError(UserError, RuntimeError):
    """The user has no home folder; a RuntimeError as `pathlib` raises, for who does without."""


def cache_dir() -> Path:
    """Return $SAMJAX_CACHE, or `samjax` in $XDG_CACHE_HOME, or ~/.cache/samjax.

    Raises:
        NoHomeError: There is none of them, because the user has no home folder.
    """
    if folder := os.environ.get("SAMJAX_CACHE"):
        return Path(folder)
    if folder := os.environ.get("XDG_CACHE_HOME"):
        return Path(folder) / "samjax"
    try:
        return Path.home() / ".cache" / "samjax"
    except RuntimeError as error:
        raise NoHomeError(
            "there is no home folder to keep files in; set SAMJAX_CACHE to a folder for them"
        ) from error

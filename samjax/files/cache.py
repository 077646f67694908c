"""Where downloaded weights, compiled programs and copied shards are kept."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """Return $SAMJAX_CACHE, or `samjax` in $XDG_CACHE_HOME, or ~/.cache/samjax."""
    if folder := os.environ.get("SAMJAX_CACHE"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samjax"

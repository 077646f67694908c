"""Compiled programs are kept between runs, so that only the first run compiles."""

import os
from contextlib import suppress

from samjax.errors import UserError
from samjax.files.cache import cache_dir

FOLDER = "JAX_COMPILATION_CACHE_DIR"
MIN_SECONDS = "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"


def keep_compiled_programs() -> None:
    """Name a folder of the user's cache for compiled programs, unless JAX's own variable names one.

    The variable may be empty to keep none. This is to be called before JAX is imported, which reads
    the variables then.
    """
    # Without a folder that can be written to, none are kept; JAX would warn of each of them.
    with suppress(UserError, OSError):
        if FOLDER not in os.environ:
            folder = cache_dir() / "programs"
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK | os.X_OK):
                os.environ[FOLDER] = str(folder)
    # Small programs are kept, too: a prediction has several, which together compile for as long as
    # a third of a second.
    os.environ.setdefault(MIN_SECONDS, "0")

"""Compiled programs are kept between runs, so that only the first one compiles."""

import os

from samjax.files.cache import cache_dir

FOLDER, LEAST = "JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"


def keep_compiled_programs() -> None:
    """Names a folder of the user's cache, unless JAX's own variable names one; "" keeps none.

    To be called before JAX is imported, which reads these variables.
    """
    os.environ.setdefault(FOLDER, str(cache_dir() / "programs"))
    os.environ.setdefault(LEAST, "0.5")

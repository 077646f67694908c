"""Programs in processes of their own, which compile as users do.

The tests' own process compiles quickly and not for speed, and its flags are those of the process.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_optimised(program: str, *arguments: object, programs: Path | None = None) -> str:
    """Run a program with the compiler's defaults, and return what it printed.

    Args:
        program: Its text.
        arguments: Its arguments.
        programs: Where it keeps compiled programs; None to keep none.
    """
    environment = os.environ | {
        "XLA_FLAGS": "",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")]),
        "JAX_COMPILATION_CACHE_DIR": str(programs or ""),
    }
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout

"""Hands a script to Slurm, by `sbatch`.

The script is all that there is to a job: it can be read, changed and submitted by hand. (submitit
would run a pickled call of Python under a program of its own, which takes the signals for itself.)
"""

import shutil
import subprocess
from pathlib import Path

from samjax.errors import UserError, one_line
from samjax.files.atomic import write_atomic

SCRIPT = "slurm.sh"


def save(script: str, workdir: Path) -> Path:
    """Write a script into a work folder, which is made, because the log goes there."""
    return write_atomic(workdir / SCRIPT, script)


def submit(path: Path) -> str:
    """Submit a script, and return what Slurm says, such as "Submitted batch job 4711".

    Raises:
        UserError: There is no Slurm here, or it refuses the job.
    """
    if shutil.which("sbatch") is None:
        raise UserError(f"there is no sbatch here; on a login node of the cluster: sbatch {path}")
    done = subprocess.run(["sbatch", str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip() or f"status {done.returncode}"
        raise UserError(f"sbatch refuses {path}: {one_line(reason)}")
    return done.stdout.strip()

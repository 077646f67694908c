"""What a Slurm job runs and asks for; every value is checked before a script is made of it."""

import re
from typing import NamedTuple

from samjax.errors import UserError

TIME = re.compile(r"([0-9]+-)?[0-9]+(:[0-9]{1,2}){0,2}")
NAME = re.compile(r"[\w.,@+-]+")
DIRECTIVE = re.compile(r"--?[a-zA-Z][^\n]*")


class Job(NamedTuple):
    """A job.

    Attributes:
        program: Of `experiments`: train, timesteps or sweep.
        arguments: Of the program.
        workdir: Whole path; the log goes there too.
        checkout: Whole path of the folder that the program is started in.
        python: Whole path of the interpreter.
        name: For `squeue`.
        nodes: How many, of which each has `gpus`.
        gpus: Of each node; 0 for a job without any.
        cpus: Of each node; 0 for the partition's own number.
        time: The limit as Slurm writes it; "" for the partition's own.
        partition: Or "" for the default one.
        account: Or "" for the default one.
        notice_s: Seconds before the limit at which the program is asked to stop.
        shards: Jobs of an array that share an ablation's points; 0 for none.
        directives: Further options of sbatch.
        setup: Lines of shell before the program, such as `module load cuda`.
    """

    program: str
    arguments: tuple[str, ...]
    workdir: str
    checkout: str
    python: str
    name: str
    nodes: int = 1
    gpus: int = 1
    cpus: int = 0
    time: str = ""
    partition: str = ""
    account: str = ""
    notice_s: int = 120
    shards: int = 0
    directives: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()

    @property
    def tasks_per_node(self) -> int:
        """Processes on each node.

        On one node, one process takes all GPUs. On several, JAX gives each process of a Slurm job
        one GPU, the one of its number on the node, so there is one for each.
        """
        return 1 if self.nodes == 1 else max(1, self.gpus)

    @property
    def multihost(self) -> bool:
        """Whether the job has several processes."""
        return self.nodes > 1


def check(job: Job) -> None:
    """Check a job.

    Raises:
        UserError: A value is none that Slurm takes, or values do not go together.
    """
    if job.time and not TIME.fullmatch(job.time):
        raise UserError(f"--time={job.time} is none; write 4:00:00, 2-12:00:00 or minutes")
    if job.time and job.notice_s >= seconds(job.time):
        raise UserError(
            f"--notice={job.notice_s} s are not less than --time={job.time}; set less, or more time"
        )
    for option in ("partition", "account", "name"):
        value = getattr(job, option)
        if value and not NAME.fullmatch(value):
            raise UserError(
                f"--{option}={value!r} is no name for Slurm; use letters, digits and . , @ + - _"
            )
    if " " in job.workdir + job.checkout or '"' in job.workdir + job.checkout:
        raise UserError(
            f"Slurm's options take no folder with spaces or quotes, such as {job.workdir} or "
            f"{job.checkout}; choose another --workdir or checkout"
        )
    for directive in job.directives:
        if not DIRECTIVE.fullmatch(directive):
            raise UserError(
                f"--sbatch={directive!r} is no option; write it as for sbatch, --sbatch=--mem=64G"
            )
    _check_program(job)


def _check_program(job: Job) -> None:
    ablation = job.program != "train"
    if job.shards and not ablation:
        raise UserError(
            f"--array={job.shards} shares an ablation's points; name it by --timesteps, --grid or "
            "--rows"
        )
    if ablation and job.nodes > 1:
        raise UserError(
            f"--nodes={job.nodes}: an ablation shares its points over jobs of one node; use "
            f"--nodes=1 --array={job.nodes}"
        )


def seconds(time: str) -> int:
    """Return the seconds of a limit: minutes, M:S, H:M:S, D-H, D-H:M or D-H:M:S."""
    days, dash, rest = time.rpartition("-")
    parts = [int(part) for part in rest.split(":")]
    if dash or len(parts) == 3:  # the first is hours
        hours, minutes, secs = (*parts, 0, 0)[:3]
        return int(days or 0) * 86400 + hours * 3600 + minutes * 60 + secs
    return parts[0] * 60 + (parts[1] if len(parts) == 2 else 0)

"""The script of a Slurm job."""

from collections.abc import Iterator
from shlex import quote

from experiments.launching.job import Job

STOPPED_BY_USR1 = 138
"""The exit status of a program that SIGUSR1 asked to stop, see `samjax.parallel.stop_signals`."""


def write(job: Job) -> str:
    """Return the script of a job that was checked.

    Slurm sends SIGUSR1 to the processes, not to this script, some time before the limit. They save
    and end with their status of it, and the job goes back to the queue. A job that is preempted
    gets SIGTERM, and Slurm requeues it itself; one that is cancelled gets it too, and stays so.
    """
    return "\n".join(["#!/bin/bash", *_directives(job), "", *_body(job)]) + "\n"


def _directives(job: Job) -> Iterator[str]:
    options = {
        "job-name": job.name,
        "nodes": job.nodes,
        "ntasks-per-node": job.tasks_per_node,
        # Not --gpus-per-task: JAX chooses a process's GPU among all of the node, which it must see.
        "gpus-per-node": job.gpus,
        "cpus-per-task": job.cpus // job.tasks_per_node,
        "time": job.time,
        "partition": job.partition,
        "account": job.account,
        "array": f"0-{job.shards - 1}" if job.shards else "",
        "signal": f"USR1@{job.notice_s}",
        "output": f"{job.workdir}/slurm-{'%A_%a' if job.shards else '%j'}.out",
        "open-mode": "append",
    }
    yield from (f"#SBATCH --{name}={value}" for name, value in options.items() if value)
    yield "#SBATCH --requeue"
    yield from (f"#SBATCH {directive}" for directive in job.directives)


def _body(job: Job) -> Iterator[str]:
    yield from job.setup
    yield f"cd {quote(job.checkout)} || exit 1"
    yield "export PYTHONUNBUFFERED=1"
    yield ""
    yield "# The processes end together by themselves, each when its part is saved. Slurm must not"
    yield "# end the others because the first has ended, whatever is this cluster's default."
    yield "srun --kill-on-bad-exit=0 --wait=0 \\"
    yield f"  {quote(job.python)} -m experiments.{job.program} \\"
    multihost = ["--multihost"] if job.multihost else []
    lines = [quote(option) for option in (*multihost, *job.arguments)]
    if job.shards:
        lines.append(f'--shard="$SLURM_ARRAY_TASK_ID/{job.shards}"')
    yield " \\\n".join(f"    {line}" for line in lines)
    yield "status=$?"
    yield ""
    yield f'if [ "$status" -eq {STOPPED_BY_USR1} ]; then'
    yield "  # Saved ahead of the time limit: the same command goes on from there."
    yield '  scontrol requeue "$SLURM_JOB_ID"'
    yield "fi"
    yield 'exit "$status"'

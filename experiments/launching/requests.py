"""From the flags of `experiments.slurm` to a job, and to Slurm."""

import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

from ml_collections import ConfigDict

from experiments.config_files import CHECKOUT, in_checkout, with_found_configs
from experiments.launching import script
from experiments.launching.job import Job, check
from experiments.launching.submit import save, submit
from samjax.errors import UserError
from samjax.training.config_check import check_config

OPTION = "config"


class Ablation(NamedTuple):
    """The flags of an ablation; all are None or empty for a training."""

    timesteps: str | None = None
    grids: tuple[str, ...] = ()
    rows: str | None = None
    seeds: int | None = None


def config_arguments(argv: list[str]) -> list[str]:
    """Return the arguments that give the configuration, its file as a whole path.

    Args:
        argv: The name of the program and its arguments.

    Raises:
        UserError: There is no such file.
    """
    found: list[str] = []
    arguments = iter(with_found_configs(argv)[1:])
    for argument in arguments:
        option, equals, value = argument.partition("=")
        name = option.lstrip("-")
        if option == name or not (name == OPTION or name.startswith(f"{OPTION}.")):
            continue
        value = value if equals else next(arguments, "")
        if name == OPTION:
            path, colon, text = value.partition(":")
            value = f"{Path(path).absolute()}{colon}{text}"
        found.append(f"--{name}={value}")
    return found


def make_job(
    config: ConfigDict,
    configuring: list[str],
    workdir: Path,
    ablation: Ablation,
    *,
    name: str = "",
    options: tuple[str, ...] = (),
    **asked: Any,
) -> Job:
    """Return the job, checked as far as this machine can.

    Args:
        config: What the arguments make; a wrong value is told now, not by a job that has waited.
        configuring: The arguments that make it.
        workdir: The work folder.
        ablation: What is ablated, if anything.
        name: Of the job; "" for the work folder's.
        options: Further ones of the program.
        asked: Further fields of `Job`.

    Raises:
        UserError: A value is wrong, or values do not go together.
    """
    check_config(config)
    workdir = workdir.absolute()
    program, arguments = _program(ablation)
    job = Job(
        program=program,
        arguments=(*configuring, f"--workdir={workdir}", *arguments, *options),
        workdir=str(workdir),
        checkout=str(CHECKOUT),
        python=sys.executable,
        name=name or re.sub(r"[^\w.-]", "_", workdir.name) or "samjax",
        **asked,
    )
    check(job)
    _check_devices(job, config)
    return job


def _check_devices(job: Job, config: ConfigDict) -> None:
    """Check that a batch divides over the devices that are asked for."""
    space, batch_size = config.train.space, config.train.batch_size
    if job.multihost and space > 1:
        raise UserError(
            f"train.space={space} shares an image among a process's GPUs, and in a job of several "
            "nodes each process has one; use --nodes=1"
        )
    parts = job.nodes * max(1, job.gpus // space)
    if batch_size % parts:
        raise UserError(
            f"train.batch_size={batch_size} does not divide over {job.nodes} x {job.gpus} GPUs; "
            f"set --config.train.batch_size={-(-batch_size // parts) * parts}"
        )


def _program(ablation: Ablation) -> tuple[str, list[str]]:
    """Return the program and the arguments that ablate.

    Raises:
        UserError: More than one thing is ablated, or seeds are given without anything.
    """
    seeds = [] if ablation.seeds is None else [f"--seeds={ablation.seeds}"]
    given = [bool(ablation.timesteps), bool(ablation.grids), bool(ablation.rows)]
    if sum(given) > 1:
        raise UserError("give one of --timesteps, --grid and --rows: each is an ablation")
    if ablation.timesteps:
        return "timesteps", [f"--timesteps={ablation.timesteps}", *seeds]
    if ablation.grids:
        return "sweep", [*(f"--grid={grid}" for grid in ablation.grids), *seeds]
    if ablation.rows:
        return "sweep", [f"--rows={Path(in_checkout(ablation.rows)).absolute()}", *seeds]
    if seeds:
        raise UserError(f"{seeds[0]} is of an ablation; name it by --timesteps, --grid or --rows")
    return "train", []


def hand_over(job: Job, *, dry: bool, submitting: bool) -> str:
    """Return the script of a job (`dry`), or write it, perhaps submit it, and return what to do.

    Raises:
        UserError: Both are asked for, or Slurm refuses the job.
    """
    if dry and submitting:
        raise UserError("--dry writes nothing and --submit submits; give one of them")
    text = script.write(job)
    if dry:
        return text.rstrip()
    path = save(text, Path(job.workdir))
    return submit(path) if submitting else f"sbatch {path}"

"""The folder of a run's checkpoints: which there are, and how they appear and go.

    8/            the checkpoint of step 8
    damaged-8/    one that was found damaged when the run was resumed, set aside
    saving-8/     one that is being written
    removing-8/   one that is being removed

A checkpoint gets its name in one rename when it is complete, and loses it in one before anything
of it is removed. What a killed run left of the last two kinds is removed by the next one.
"""

import shutil
from pathlib import Path

SAVING, REMOVING, DAMAGED = "saving-", "removing-", "damaged-"
ORBAX_UNFINISHED = ".orbax-checkpoint-tmp"


def steps(folder: Path) -> list[int]:
    """Return the steps that have a checkpoint in a folder, in order."""
    if not folder.is_dir():
        return []
    names = (path.name for path in folder.iterdir() if path.is_dir())
    return sorted(int(name) for name in names if name.isdecimal() and name == str(int(name)))


def begin(folder: Path, step: int) -> Path:
    """Return the folder to write the checkpoint of a step into."""
    return folder / f"{SAVING}{step}"


def finish(folder: Path, step: int) -> Path:
    """Give a checkpoint that was written completely its name, and return its folder.

    It takes the place of one of the same step.
    """
    if (folder / str(step)).exists():
        remove(folder, step)
    return begin(folder, step).rename(folder / str(step))


def remove(folder: Path, step: int) -> None:
    """Remove the checkpoint of a step."""
    shutil.rmtree((folder / str(step)).rename(folder / f"{REMOVING}{step}"))


def set_aside(folder: Path, step: int) -> Path:
    """Rename the checkpoint of a step so that it no longer counts, and return its new folder."""
    name, number = f"{DAMAGED}{step}", 1
    while (folder / name).exists():
        number += 1
        name = f"{DAMAGED}{step}-{number}"
    return (folder / str(step)).rename(folder / name)


def remove_unfinished(folder: Path) -> None:
    """Remove what runs that were killed have left of checkpoints."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.startswith((SAVING, REMOVING)) or ORBAX_UNFINISHED in path.name:
            shutil.rmtree(path, ignore_errors=True)  # it harms nobody

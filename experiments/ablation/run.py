"""Runs an ablation: all its points, then the table and the plot."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from experiments.ablation import grid, plot, table
from experiments.ablation.points import Point, Target, finish, is_complete
from experiments.ablation.rows import READOUT, RETRAIN, TIMESTEPS, make_points, make_rows
from experiments.ablation.summary import Summary, summarise
from samjax.console.log import log
from samjax.data.mixture import parse_mixture
from samjax.errors import UserError
from samjax.metrics import metric_names
from samjax.training.config_check import check_config

MODES = (READOUT, RETRAIN, "both")


def sweep(
    config: ConfigDict,
    workdir: Path,
    settings: dict[str, grid.Setting],
    *,
    seeds: int = 1,
    readout: Sequence[int] = (),
    retrain: bool = True,
    shard: str = "0/1",
    dataset: str | None = None,
    split: str | None = None,
    convention: str = "mit",
) -> Summary | None:
    """Train and score every setting with every seed; write and print the table, draw the plot.

    Args:
        config: What all settings have in common.
        workdir: The folder of the ablation.
        settings: The settings by their labels; the first one is what others are compared with.
        seeds: Trainings of each setting, with consecutive seeds from the config's on.
        readout: Timesteps after which the model with the most timesteps is scored too.
        retrain: Whether each setting has a row.
        shard: "i/n" for only every n-th point, from the i-th on.
        dataset: To score on; the first that the config validates on if None.
        split: To score on; the config's if None.
        convention: Whose definitions of the metrics.

    Returns:
        The summary, or None while points of other shards are missing.

    Raises:
        UserError: An option is wrong, or a point's folder holds a model with another config.
    """
    metric_names(convention)  # an unknown convention fails before the work, not after it
    target = Target(
        dataset or next(iter(parse_mixture(config.data.validation))),
        split or config.data.validation_split,
        convention,
    )
    points = make_points(settings, config.train.seed, seeds, readout, retrain)
    if not _finish_all(points, config, workdir, target, shard):
        return None
    rows = make_rows(points, settings, readout, retrain)
    summary = summarise(config, workdir, target, rows, seeds)
    table.write(summary, workdir)
    plot.draw(summary, workdir)
    print(table.screen(summary))
    return summary


def _finish_all(
    points: dict[str, list[Point]], config: ConfigDict, workdir: Path, target: Target, shard: str
) -> bool:
    """Train and score the points of a shard, and return whether those of all shards are complete.

    The arguments are those of `sweep`, with the points of each row.
    """
    all_points = [point for row in points.values() for point in row]
    for point in all_points:  # a wrong value of the last one is told before the first is trained
        check_config(point.config(config))
    for point in select_shard(all_points, shard):
        finish(point, config, workdir, target)
    # Asked of the files, because other shards may run on other machines.
    left = [point.name for point in all_points if not is_complete(point, workdir, target)]
    if left:
        log(f"{len(left)} points are left to other shards, {left[0]} first; the last makes a table")
    return not left


def timesteps(
    config: ConfigDict,
    workdir: Path,
    timesteps: Sequence[int],
    *,
    mode: str = "both",
    **options: Any,
) -> Summary | None:
    """Ablate the number of timesteps.

    Args:
        config: What all points have in common.
        workdir: The folder of the ablation.
        timesteps: The numbers of timesteps, the reference first.
        mode: "retrain" for a model of its own for each number, "readout" for the one model with
            the most timesteps after each number, or "both".
        options: Further arguments of `sweep`.

    Raises:
        UserError: The mode is unknown, or the numbers are not positive and different.
    """
    if mode not in MODES:
        raise UserError(f"--mode={mode} is unknown; use {', '.join(MODES)}")
    if not timesteps or min(timesteps) < 1 or len(set(timesteps)) < len(timesteps):
        given = ",".join(map(str, timesteps))
        raise UserError(f"--timesteps={given}: name each number from 1 once")
    settings = {f"T={t}": {TIMESTEPS: t} for t in timesteps}
    readout = tuple(timesteps) if mode != RETRAIN else ()
    return sweep(config, workdir, settings, readout=readout, retrain=mode != READOUT, **options)


def select_shard(points: list[Point], shard: str) -> list[Point]:
    """Return every n-th point from the i-th on, for a shard "i/n" with i from 0.

    Raises:
        UserError: The shard is malformed.
    """
    i, _, n = shard.partition("/")
    if not (i.isdigit() and n.isdigit() and int(i) < int(n)):
        raise UserError(f"--shard={shard} is none; write i/n with i from 0 to n - 1, such as 0/2")
    # Every n-th, not a run of them: neighbouring points cost about as much as each other.
    return points[int(i) :: int(n)]

"""A point of an ablation: one model, trained and scored in a work folder of its own.

Everything that is done leaves a file, so an interrupted ablation goes on where it was.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from ml_collections import ConfigDict

from experiments.ablation import grid
from samjax.console.log import log
from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.evaluate import evaluate, evaluate_timesteps, file_name
from samjax.prediction.predictor import load_model
from samjax.training import config as experiment
from samjax.training.loop import train

LONGEST = 200  # characters of a folder's name


class Target(NamedTuple):
    """What all points are scored on."""

    dataset: str
    split: str
    convention: str


class Point(NamedTuple):
    """A setting with its seed. steps: timesteps of the one model that are scored too."""

    setting: grid.Setting
    seed: int
    steps: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        name = grid.text({**self.setting, grid.SEED: self.seed})
        if len(name) <= LONGEST:
            return name
        return f"{name[: LONGEST - 13]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"

    def folder(self, workdir: Path) -> Path:
        return workdir / "points" / self.name

    def scores(self, workdir: Path, target: Target, step: int | None = None) -> Path:
        """The per-image file of the model, or of its prediction after `step` timesteps."""
        suffix = "" if step is None else f"-T{step}"
        return self.folder(workdir) / "evaluation" / f"{file_name(*target, suffix)}.csv"

    def config(self, base: ConfigDict) -> ConfigDict:
        return grid.applied(base, {**self.setting, grid.SEED: self.seed})


def complete(point: Point, workdir: Path, target: Target) -> bool:
    steps = (None, *point.steps)
    return all(point.scores(workdir, target, step).is_file() for step in steps)


def finish(point: Point, base: ConfigDict, workdir: Path, target: Target) -> None:
    """Trains and scores what is not there yet."""
    folder, config = point.folder(workdir), point.config(base)
    check_same(config, folder)
    if complete(point, workdir, target):
        log(f"{point.name}: complete")
        return
    log(f"{point.name}: training")
    train(config, folder)
    model = load_model(folder)
    options = {
        "convention": target.convention,
        "data_dir": config.data.data_dir or None,
        "batch_size": config.train.batch_size,
        "baselines": False,
        "trials": 0,
    }
    if not point.scores(workdir, target).is_file():
        evaluate(model, target.dataset, target.split, workdir=folder, **options)
    if point.steps:
        evaluate_timesteps(model, target.dataset, target.split, point.steps, folder, **options)


def check_same(config: ConfigDict, folder: Path) -> None:
    """UserError: the folder's model was trained with other settings than these."""
    if not (folder / experiment.CONFIG).is_file():
        return
    old = experiment.load_config(folder)
    for section in old:
        # Fields that came later than the folder are not held against it.
        now = {k: v for k, v in config[section].items() if k in old[section]}
        for line in experiment.differences(now, old[section]):
            what = f"was made with another config: {section}.{line}"
            raise UserError(f"{folder} {what}; use another --workdir")


def read_scores(path: Path):
    """(image ids, {metric: [N]}, identity) of a point's per-image file."""
    return score_report.read_per_image(path)

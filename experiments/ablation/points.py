"""A point of an ablation: one model, trained and scored in a work folder of its own.

Everything that is done leaves a file, so an interrupted ablation goes on where it was.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from ml_collections import ConfigDict

from experiments.ablation import grid
from samjax.console.log import log
from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.evaluate import evaluate, evaluate_timesteps, file_name
from samjax.prediction.predictor import load_model
from samjax.training.config_file import CONFIG, differences, load_config
from samjax.training.loop import train

MAX_NAME_LENGTH = 200
"""Characters of a folder's name; file systems take 255."""
DIGEST_LENGTH = 12


class Target(NamedTuple):
    """What all points are scored on: a split of a prepared dataset, by a convention."""

    dataset: str
    split: str
    convention: str


class Point(NamedTuple):
    """A setting with a seed.

    Attributes:
        setting: The config fields that differ from the base.
        seed: The seed of the training.
        timesteps: The timesteps of this one model after which it is scored too.
    """

    setting: grid.Setting
    seed: int
    timesteps: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The setting with its seed as text; where that is too long, a digest stands for its end.

        The digest is of the whole text, so different points keep different names.
        """
        name = grid.setting_name({**self.setting, grid.SEED: self.seed})
        if len(name) <= MAX_NAME_LENGTH:
            return name
        digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST_LENGTH]
        return f"{name[: MAX_NAME_LENGTH - DIGEST_LENGTH - 1]}-{digest}"

    def folder(self, workdir: Path) -> Path:
        """Return the point's own work folder in that of the ablation."""
        return workdir / "points" / self.name

    def scores_path(self, workdir: Path, target: Target, timestep: int | None = None) -> Path:
        """Return the path of the per-image scores.

        Args:
            workdir: The folder of the ablation.
            target: What the point is scored on.
            timestep: The number of timesteps after which the model is read; None for its last.
        """
        suffix = "" if timestep is None else f"-T{timestep}"
        return self.folder(workdir) / "evaluation" / f"{file_name(*target, suffix)}.csv"

    def config(self, base: ConfigDict) -> ConfigDict:
        """Return the config of this point."""
        return grid.apply_setting(base, {**self.setting, grid.SEED: self.seed})


def is_complete(point: Point, workdir: Path, target: Target) -> bool:
    """Return whether all scores of a point are there."""
    timesteps = (None, *point.timesteps)
    return all(point.scores_path(workdir, target, t).is_file() for t in timesteps)


def finish(point: Point, base: ConfigDict, workdir: Path, target: Target) -> None:
    """Train a point and score it, as far as that was not done before.

    Raises:
        UserError: The point's folder holds a model with another config.
    """
    folder, config = point.folder(workdir), point.config(base)
    check_same(config, folder)
    # Scores stand for the whole point: they are written last, and each file at once.
    if is_complete(point, workdir, target):
        log(f"{point.name}: complete")
        return
    log(f"{point.name}: training")
    train(config, folder)
    model = load_model(folder)
    options = {
        "convention": target.convention,
        "data_dir": config.data.data_dir or None,
        "batch_size": config.train.batch_size,
        # Baselines and observers are the same for all points, so they are left out.
        "baselines": False,
        "trials": 0,
    }
    if not point.scores_path(workdir, target).is_file():
        evaluate(model, target.dataset, target.split, workdir=folder, **options)
    if point.timesteps:
        evaluate_timesteps(model, target.dataset, target.split, point.timesteps, folder, **options)


def check_same(config: ConfigDict, folder: Path) -> None:
    """Check that the model in a folder, if there is one, was trained with these settings.

    Fields that the config got after the folder was written are not compared.

    Raises:
        UserError: It was trained with others.
    """
    # Training writes the config before its first step, so without one nothing was trained.
    if not (folder / CONFIG).is_file():
        return
    old = load_config(folder)
    for section in old:
        # A field that is younger than the folder had no name then, and acted as its default does.
        new_values = {k: v for k, v in config[section].items() if k in old[section]}
        for line in differences(new_values, old[section]):
            problem = f"was made with another config: {section}.{line}"
            raise UserError(f"{folder} {problem}; use another --workdir")


def read_scores(path: Path) -> tuple[list[str], dict[str, np.ndarray], dict[str, str]]:
    """Return the image names, the scores [N] by metric, and the identity of per-image scores."""
    return score_report.read_per_image(path)

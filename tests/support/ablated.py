"""A tiny ablation of the timesteps, T = 1 and 2 with two seeds, made once for all tests."""

import pickle
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from ml_collections import ConfigDict
from reconfigured import reconfigure
from tiny_training import tiny_config
from trained import build_once

from experiments.ablation import run
from experiments.ablation.points import Point
from experiments.ablation.rows import TIMESTEPS as TIMESTEPS_FIELD

TIMESTEPS = (1, 2)
SEEDS = 2
TRAINED = (2, 1)
"""The timesteps and the seed of the point whose model the ablation itself trains."""


class Ablated(NamedTuple):
    """An ablation: the config that its points have in common, its folder and its summary."""

    config: ConfigDict
    workdir: Path
    summary: dict


@pytest.fixture(scope="session")
def ablated(
    scenes: Path, trained_workdir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Ablated:
    """The ablation. Its folder is shared: a test that changes anything copies it before."""
    config = tiny_config(scenes)

    def build(folder: Path) -> None:
        for timesteps in TIMESTEPS:
            for seed in range(SEEDS):
                point = Point({TIMESTEPS_FIELD: timesteps}, seed)
                if (timesteps, seed) != TRAINED:
                    copy_model(trained_workdir, point.folder(folder), point.config(config))
        summary = run.timesteps(config, folder, TIMESTEPS, seeds=SEEDS)
        folder.with_suffix(".pickle").write_bytes(pickle.dumps(summary))

    workdir = build_once(tmp_path_factory, "an <ablation> & more", build)
    summary = pickle.loads(workdir.with_suffix(".pickle").read_bytes())
    return Ablated(config, workdir, summary)


def copy_model(trained: Path, workdir: Path, config: ConfigDict) -> None:
    """Make a work folder as if its model had been trained with the config, and had become the same.

    This saves two of four trainings. Timesteps change no parameter, so the model is a valid one.
    What is real: the models with two timesteps, and all scores and costs.
    """
    shutil.copytree(trained, workdir)
    reconfigure(workdir, lambda old: old.update(config))

"""A tiny ablation of the timesteps, T = 1 and 2 with two seeds, made once for all tests."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from ml_collections import ConfigDict
from tiny_training import tiny_config
from trained import build_once

from experiments.ablation import points, run
from samjax.training.loop import train

TIMESTEPS = (1, 2)
SEEDS = 2


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
        # The point with two timesteps is the miniature that other tests use, too.
        trained_point = points.Point({run.TIMESTEPS: 2}, config.train.seed)
        shutil.copytree(trained_workdir, trained_point.folder(folder))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(points, "train", train_first_seed)
            run.timesteps(config, folder, TIMESTEPS, seeds=SEEDS)

    workdir = build_once(tmp_path_factory, "an <ablation> & more", build)
    # Everything is there: this trains and measures nothing, and gives the summary.
    return Ablated(config, workdir, run.timesteps(config, workdir, TIMESTEPS, seeds=SEEDS))


def train_first_seed(config: ConfigDict, workdir: Path) -> None:
    """Train a point with seed 0, and give one with seed 1 the same model, which saves its training.

    A test that is marked slow trains two seeds for real.
    """
    if config.train.seed == 0:
        train(config, workdir)
        return
    model = workdir.with_name(workdir.name.replace("train.seed=1", "train.seed=0"))
    shutil.copytree(model, workdir, ignore=shutil.ignore_patterns("evaluation"))
    (workdir / "config.json").write_text(json.dumps(config.to_dict()))

"""A tiny experiment for the tests: the real pipeline, network and loop on few, small scenes."""

from pathlib import Path

import pytest
from ml_collections import ConfigDict

from configs import base
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.synthetic.scenes import SceneSpec


def prepare(folder: Path) -> Path:
    """Prepares `synthetic` in a folder: 24 train and 6 validation scenes of 64x48 pixels."""
    prepare_synthetic(
        data_dir=folder,
        spec=SceneSpec(48, 64, subjects=4),
        counts={"train": 24, "validation": 6},
        seed=1,
    )
    return folder


def tiny_config(data_dir: Path, **train) -> ConfigDict:
    config = base.get_config()
    config.model.update(
        backbone="vgg_tiny", norm="batch", features=8, gaussians=2, timesteps=2, dropout=0.1
    )
    config.data.update(data_dir=str(data_dir), train="synthetic", validation="synthetic")
    config.data.input_size = (32, 40)
    config.augment.update(zoom=(0.8, 1.3), brightness=0.2)
    defaults = {"batch_size": 8, "epochs": 4.0, "log_every": 3, "pictures": 0, "ema_decay": 0.9}
    defaults |= {"learning_rate": 1e-2}
    config.train.update(**defaults | train)
    return config


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> Path:
    return prepare(tmp_path_factory.mktemp("data"))

"""One tiny dataset for all tests of this room."""

from pathlib import Path

import numpy as np
import pytest

from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.sources import Source, open_dataset
from samjax.data.synthetic.scenes import SceneSpec
from samjax.evaluation.scores import Scores


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> Path:
    """`synthetic` with 6 scenes of 48 x 64 pixels for training and 5 for validation."""
    folder = tmp_path_factory.mktemp("data")
    spec = SceneSpec(48, 64, subjects=4)
    prepare_synthetic(data_dir=folder, spec=spec, counts={"train": 6, "validation": 5})
    return folder


@pytest.fixture(scope="session")
def source(data_dir) -> Source:
    return Source(open_dataset("synthetic", data_dir), "validation")


@pytest.fixture
def scores(rng):
    """Scores of a model and two others on 40 images, one of them without an NSS of the model."""
    hard = rng.normal(1, 1, 40)
    model = {"NSS": hard + 0.5, "KL": 1 - hard / 10}
    poor = {"NSS": hard, "KL": 3 - hard / 10}
    other = {"NSS": hard - 1, "KL": 2 - hard / 10}
    model["NSS"][3] = np.nan
    ids = [f"image {k}, a" for k in range(40)]
    values = {"model": model, "poor": poor, "other": other}
    return Scores(ids, values, [("image 3, a", "model")], np.arange(40.0))

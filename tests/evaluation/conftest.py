"""One tiny dataset for all tests of this room."""

from pathlib import Path

import pytest

from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.sources import Source, open_dataset
from samjax.data.synthetic.scenes import SceneSpec


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

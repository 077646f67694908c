"""The tiny model, which all tests of the room share with its compiled programs."""

import pytest
from tiny_model import save_tiny_model, tiny_model


@pytest.fixture(scope="session")
def model():
    return tiny_model()


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory):
    """The tiny model as a converted weight file."""
    return save_tiny_model(tmp_path_factory.mktemp("weights") / "tiny.safetensors")

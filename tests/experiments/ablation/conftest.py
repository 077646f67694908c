"""The fixtures of the ablation's tests."""

import pytest
from ablated import ablated
from tiny_training import tiny_config
from trained import scenes, trained_workdir

__all__ = ["ablated", "config", "scenes", "trained_workdir"]


@pytest.fixture
def config(tmp_path):
    """A config whose datasets are never opened."""
    return tiny_config(tmp_path)

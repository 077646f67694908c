"""The fixtures of the benchmarks' tests."""

import jax
import pytest


@pytest.fixture(autouse=True)
def precision():
    """Leave the process as it was: a benchmark sets the precision of all its products."""
    before = jax.config.jax_default_matmul_precision
    yield
    jax.config.update("jax_default_matmul_precision", before)

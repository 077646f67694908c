"""The programs that come with the bundled models: of today's network, and with its predictions."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from samjax import bundled
from samjax.parallel.compilation import FOLDER
from samjax.prediction import shipped
from samjax.prediction.kept import keep
from samjax.prediction.shipped import Shipped
from samjax.prediction.traced import network_of
from samjax.weights import load


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The cache, empty."""
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(FOLDER, raising=False)


@pytest.mark.parametrize("name", bundled.NAMES)
def test_the_programs_are_of_todays_network_and_weights(name):
    weights = bundled.find(name)
    made_of = (Shipped(weights).folder / shipped.DIGEST).read_text().strip()
    assert made_of == shipped.digest(weights), "run: python -m experiments.ship_programs"


def test_a_first_run_with_them_builds_nothing_and_predicts_as_the_traced_network(cache, rng):
    traced = network_of(load(str(bundled.find())))

    def not_built():
        raise AssertionError("the network was built")

    network = keep(bundled.find(), not_built)
    assert network.facts == traced.facts
    for one, other in zip(network.priors, traced.priors, strict=True):
        np.testing.assert_array_equal(one, other)
    canvas = rng.integers(0, 256, (1, *traced.facts.input_size, 3), np.uint8)
    timesteps = traced.facts.timesteps
    expected = np.asarray(traced.run(canvas, timesteps, False).log_density)
    density = np.exp(np.asarray(network.run(canvas, timesteps, False).log_density))
    # Programs of the same operations, that XLA may fuse in other ways.
    np.testing.assert_allclose(density, np.exp(expected), rtol=0, atol=1e-4 * density.max())


def test_what_does_not_fit_counts_as_none(tmp_path, monkeypatch):
    weights, name = bundled.find(), "2-1x240x320x3.program"
    assert Shipped(weights).program(name) is not None
    copy = tmp_path / "programs"
    shutil.copytree(shipped.FOLDER, copy)
    monkeypatch.setattr(shipped, "FOLDER", copy)
    (copy / bundled.NAME / name).write_bytes(b"of a later version")
    assert Shipped(weights).program(name) is None
    assert Shipped(weights).about() is not None
    (copy / bundled.NAME / shipped.DIGEST).write_text("of other code")
    assert Shipped(weights).about() is None
    assert Shipped(weights).variables() is None
    # Another file of the same name is another network.
    other = tmp_path / weights.name
    shutil.copy(weights, other)
    assert not Shipped(other).fits


def test_a_first_run_imports_nothing_that_it_does_not_need(tmp_path):
    code = (
        "import sys, numpy as np, samjax\n"
        "print(samjax.load()(np.zeros((240, 320, 3), np.uint8)).density.shape)\n"
        "unneeded = 'flax', 'h5py', 'jaxtyping', 'orbax', 'scipy'\n"
        "print([name for name in unneeded if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "SAMJAX_CACHE": str(tmp_path)},
    )
    assert done.stdout.splitlines() == ["(240, 320)", "[]"]

"""A run that was stopped ends in the bits of one that was not, as users compile it."""

from optimised import run_optimised

PROGRAM = """
import shutil
import sys
from pathlib import Path

import jax
import numpy as np
from tiny_training import tiny_config

from samjax.training.checkpoint import Checkpoints
from samjax.training.loop import train

data_dir, trained, folder = map(Path, sys.argv[1:])


def run(name):
    train(tiny_config(data_dir, keep=9, checkpoint_every=1), folder / name, jax.devices()[:1])


def without(source, name, *steps):
    shutil.copytree(source, folder / name)
    for step in steps:
        shutil.rmtree(folder / name / "checkpoints" / str(step))


# A run that is nine steps old: compiling the first state at full optimisation takes longest of all.
without(trained, "whole", 12)
run("whole")
without(folder / "whole", "stopped", 11, 12)
run("stopped")

items = ("step", "params", "batch_stats", "opt_state", "ema", "best", "best_step")
whole, stopped = (
    jax.device_get(Checkpoints(folder / name / "checkpoints").load(items, 12))
    for name in ("whole", "stopped")
)
assert jax.tree.structure(whole) == jax.tree.structure(stopped)
jax.tree.map(np.testing.assert_array_equal, whole, stopped)
print("equal")
"""


def test_a_stopped_run_goes_on_bit_for_bit_at_full_optimisation(
    data_dir, trained_workdir, tmp_path
):
    folders = data_dir, trained_workdir, tmp_path
    printed = run_optimised(PROGRAM, *folders, programs=tmp_path / "programs")
    assert printed.endswith("equal\n")

"""A summary needs no data, counts right, and says whether a step fits."""

import math

import jax
import numpy as np
import pytest
from tiny_training import tiny_config

from experiments.inspection.page import cost_table, summarise, verdict
from experiments.inspection.parameters import count, parameter_table
from experiments.inspection.room import GIB, Room, find_room
from experiments.inspection.step_cost import StepCost
from samjax.training.compiled import plan_state
from samjax.training.config import read_experiment
from samjax.training.outline import abstract_batch
from samjax.training.run import batches_from

COST = StepCost(3 * 10**9, 2e9, GIB, 2 * GIB, 0, GIB // 2)


def test_the_table_has_every_array_once_and_sums_what_learns():
    params = {
        "backbone": {"conv": {"kernel": np.zeros((3, 3, 2)), "bias": np.zeros(2)}},
        "readout": {"scale": np.float32(1)},
    }
    text = parameter_table(params, frozen=("backbone",))
    rows = [line.split() for line in text.splitlines() if line]
    numbers = [row for row in rows[1:-1] if "all" not in row]
    assert {row[1] for row in numbers} == {"conv/kernel", "conv/bias", "scale"}
    assert "3 x 3 x 2" in text
    assert text.endswith("21 parameters, of which 1 learn")
    assert count(params) == 21


def test_it_is_said_whether_a_step_fits_and_into_what():
    assert verdict(COST, Room(8 * GIB, "--device-gib")).startswith("fits: 3.50 GiB of 8.00 GiB")
    assert "does NOT fit: 3.50 GiB" in verdict(COST, Room(3 * GIB, "--device-gib"))
    # Eight virtual devices have one memory.
    assert "28.00 GiB (8 devices share it)" in verdict(COST, Room(8 * GIB, "this machine"), 8)
    assert "give --device-gib" in verdict(COST, None)
    assert find_room(1.5) == Room(3 * GIB // 2, "--device-gib")
    assert find_room() is None or find_room().size > GIB // 4
    assert "3.000 G" in cost_table(COST)


def test_the_outlined_batch_is_that_of_a_run(scenes):
    config = tiny_config(scenes)
    config.loss.update(timestep_weights=(0.5, 1.0), viewing_times_ms=(500.0, 2000.0))
    devices = jax.devices()[:2]
    outlined = read_experiment(config, devices, without_data=True)
    shapes = abstract_batch(outlined, plan_state(outlined))
    batches = batches_from(0, read_experiment(config, devices))
    _, batch = next(batches)
    batches.close()
    assert {k: (v.shape, v.dtype) for k, v in batch.items()} == {
        k: (v.shape, v.dtype) for k, v in shapes.items()
    }
    assert all(batch[k].sharding == v.sharding for k, v in shapes.items())


@pytest.mark.slow
def test_a_summary_of_a_config_without_any_data(tmp_path):
    config = tiny_config(tmp_path / "nowhere")
    text = summarise(config, device_gib=1e-4)
    first = plan_state(read_experiment(config, without_data=True))
    total = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(first.abstract.params))
    assert f"{total:,} parameters" in text
    assert "A training step of 8 images of 32 x 40 on 8 x cpu" in text
    assert "does NOT fit" in text
    assert not list(tmp_path.iterdir())

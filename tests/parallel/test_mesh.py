"""One program, one result: whatever the mesh, wherever the optimiser's state, however many
processes."""

import csv
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import optax
import pytest
from quick_compilation import FLAGS, UNOPTIMISED
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.evaluation.evaluate import evaluate_workdir
from samjax.parallel.mesh import check_heights, local_batch_size, make_mesh
from samjax.training import compiled, run
from samjax.training.checkpoint import Checkpoints
from samjax.training.checkpoint_reading import Found
from samjax.training.config import read_experiment
from samjax.training.restore import read_weights
from samjax.training.state import TrainState

ROOT = Path(__file__).parents[2]


# Momentum has a state to split; Adam would blow rounding up where a gradient is nearly zero.
TX = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(1e-2, momentum=0.9))


class Fresh:
    """Stands for a work folder that has no checkpoint yet."""

    def find(self) -> Found:
        return Found(None, [])


def losses(config, steps: int, devices=None, tx=TX) -> tuple[list[float], TrainState]:
    """Of the first steps, and the last state."""
    experiment = replace(read_experiment(config, devices), tx=tx)
    first = compiled.plan_state(experiment)
    step = compiled.compile_train_step(experiment, first)

    state, _ = compiled.restore_or_create(Fresh(), experiment, first)
    batches = run.batches_from(0, experiment)
    found = []
    for _ in range(steps):
        _, batch = next(batches)
        state, metrics = step(state, batch)
        found.append(metrics.compute()["loss"])
    return found, state


def config_of(data_dir):
    config = tiny_config(data_dir)
    config.data.input_size = (64, 80)
    return config


@pytest.fixture(scope="module")
def alone(data_dir):
    """Ten steps on one device."""
    return losses(config_of(data_dir), 10, jax.devices()[:1])[0]


@pytest.mark.parametrize(("space", "shard"), [(1, True), (2, False)])
def test_eight_devices_have_the_losses_of_one(alone, data_dir, space, shard):
    config = config_of(data_dir)
    config.train.update(space=space, shard_optimizer=shard)
    found, state = losses(config, 10)
    if space == 1:
        np.testing.assert_allclose(found, alone, rtol=1e-5)
    else:  # sums over an image are in another order, and training blows rounding up
        np.testing.assert_allclose(found[:2], alone[:2], rtol=1e-5)
        np.testing.assert_allclose(found, alone, rtol=1e-3)
    kernels = [leaf for leaf in jax.tree.leaves(state.opt_state) if leaf.size > 500]
    assert all(k.sharding.is_fully_replicated != shard for k in kernels)
    if shard:
        local = kernels[0].addressable_shards[0].data
        assert local.size * 8 == kernels[0].size


def test_a_split_optimizer_is_restored_on_any_mesh(data_dir, tmp_path):
    config = tiny_config(data_dir)
    split, on_one = (
        replace(read_experiment(config, devices), shard_optimizer=shard)
        for devices, shard in ((None, True), (jax.devices()[:1], False))
    )
    checkpoints = Checkpoints(tmp_path)
    state, _ = compiled.restore_or_create(Fresh(), split, compiled.plan_state(split))
    checkpoints.save(1, state)
    checkpoints.close()
    checkpoints = Checkpoints(tmp_path)
    restored, step = compiled.restore_or_create(checkpoints, on_one, compiled.plan_state(on_one))
    checkpoints.close()
    assert step == 1
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(restored), jax.device_get(state))


def test_what_does_not_divide_is_told_with_what_does():
    with pytest.raises(UserError, match="one of 1, 2, 4, 8"):
        make_mesh(space=3)
    with pytest.raises(UserError, match="batch_size=8"):
        local_batch_size(5, make_mesh(space=2))
    with pytest.raises(UserError, match=r"train.space=2; set --config.train.space=1"):
        check_heights(make_mesh(space=2), 65, 17)
    with pytest.raises(UserError, match="at least 64 pixels high, not 32"):
        check_heights(make_mesh(space=2), 32, 8)


CONFIG = """
from pathlib import Path
from tiny_training import tiny_config

def get_config():
    return tiny_config(Path({data!r}), epochs=1.0, log_every=1, evaluate_every=1.0)
"""


def start(
    config: Path, workdir: Path, devices: int, *flags: str, program: str = "train"
) -> subprocess.Popen:
    """Start a program in a process of its own."""
    # Bits are compared, and those of two processes and one are equal with the emitter that users
    # have. They do not depend on the optimisation.
    emitter = UNOPTIMISED if program == "train" else FLAGS
    environment = os.environ | {
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices} {emitter}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests/support")]),
        "JAX_COMPILATION_CACHE_DIR": os.environ["SAMJAX_TEST_PROGRAMS"],
    }
    command = [sys.executable, "-m", f"experiments.{program}", f"--config={config}"]
    return subprocess.Popen(
        [*command, f"--workdir={workdir}", *flags],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def two_processes() -> list[tuple[str, ...]]:
    """The flags of each."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    told = ("--multihost", f"--coordinator=localhost:{port}", "--processes=2")
    return [(*told, f"--process={k}") for k in range(2)]


def finished(*processes: subprocess.Popen) -> list[str]:
    """What they printed."""
    printed = [process.communicate(timeout=3600) for process in processes]
    for process, (_, err) in zip(processes, printed, strict=True):
        assert process.returncode == 0, err[-2000:]
    return ["\n".join(s for s in out.splitlines() if "[Gloo]" not in s) for out, _ in printed]


def test_two_processes_have_the_bits_of_one_with_two_devices(data_dir, tmp_path, capsys):
    config, one, two = tmp_path / "config.py", tmp_path / "one", tmp_path / "two"
    config.write_text(CONFIG.format(data=str(data_dir)))
    pair = [start(config, two, 1, *flags) for flags in two_processes()]
    finished(start(config, one, 2), *pair)
    ours, theirs = (read_weights(workdir).variables for workdir in (one, two))
    jax.tree.map(np.testing.assert_array_equal, ours, theirs)
    lines = [(workdir / "metrics.jsonl").read_text().splitlines() for workdir in (one, two)]
    assert len(lines[0]) == len(lines[1])

    pair = [start(config, two, 1, *flags, program="evaluate") for flags in two_processes()]
    evaluate_workdir(tiny_config(data_dir), one)
    first, second = finished(*pair)
    assert not second  # process 0 prints
    assert first.count("\n") == capsys.readouterr().out.rstrip("\n").count("\n") > 3
    name = "evaluation/synthetic-validation-mit.csv"
    ours, theirs = (
        list(csv.DictReader((workdir / name).read_text().splitlines())) for workdir in (one, two)
    )
    ids = [row["image_id"] for row in ours]
    assert len(ids) == 6
    assert ids == [row["image_id"] for row in theirs]  # each image once, in order
    for metric in ("NSS", "CC", "KL", "AUC_Judd", "sAUC", "IG"):
        values = [[float(row[metric]) for row in rows] for rows in (ours, theirs)]
        assert values[0] == pytest.approx(values[1], rel=1e-4, abs=1e-5)

"""A run goes on with another number of processes, and two processes have the bits of one.

Two processes with one device each are compared with one process that has two devices: the devices,
and therefore the order of all sums, are the same.
"""

import csv
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from quick_compilation import UNOPTIMISED
from tiny_training import tiny_config

from samjax.evaluation.evaluate import evaluate_workdir
from samjax.training.checkpoint import Checkpoints

ROOT = Path(__file__).parents[2]
HALF = 3  # of the steps

# Trains into some work folders, one after the other, and may evaluate the last one.
PROGRAM = """
import json, os, shutil
from pathlib import Path
from tiny_training import tiny_config
from experiments import multihost
from experiments.launch import launch

def run():
    task = json.loads(os.environ["TASK"])
    with multihost.joined():
        from samjax.evaluation.evaluate import evaluate_workdir
        from samjax.training.loop import train
        config = tiny_config(Path(task["data"]), epochs=2.0, log_every=1, evaluate_every=1.0)
        for workdir, steps, copy in task["runs"]:
            config.train.max_steps = steps
            train(config, Path(workdir))
            if copy:
                shutil.copytree(workdir, copy)
        if task["evaluate"]:
            evaluate_workdir(config, Path(workdir))

launch(run)
"""


def start(
    data: Path, runs: list, devices: int, *flags: str, evaluate: bool = False
) -> subprocess.Popen:
    """Start the program in a process of its own.

    Args:
        data: The prepared data.
        runs: Work folder, steps at which to stop (None: the end), folder for a copy (or None).
        devices: How many the process has.
        flags: Of `experiments.multihost`.
        evaluate: Whether it evaluates the last work folder.
    """
    task = {"data": str(data), "evaluate": evaluate}
    task["runs"] = [[str(w), steps, copy and str(copy)] for w, steps, copy in runs]
    environment = os.environ | {
        "TASK": json.dumps(task),
        # Bits are compared, and those of two processes and one are equal with the emitter that
        # users have. They do not depend on the optimisation.
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices} {UNOPTIMISED}",
        # As many threads for one process with two devices as for each of two: they share out the
        # products of matrices, whose sums then have another order.
        "NPROC": "2",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests/support")]),
        "JAX_COMPILATION_CACHE_DIR": os.environ["SAMJAX_TEST_PROGRAMS"],
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", PROGRAM, *flags]
    return subprocess.Popen(command, env=environment, cwd=ROOT, **pipes)


def start_two(data: Path, runs: list) -> list[subprocess.Popen]:
    """Start two processes of one program, which evaluate at the end."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    told = ("--multihost", f"--coordinator=localhost:{port}", "--processes=2")
    return [start(data, runs, 1, *told, f"--process={k}", evaluate=True) for k in range(2)]


def finished(*processes: subprocess.Popen) -> list[str]:
    """What they printed."""
    printed = [process.communicate(timeout=3600) for process in processes]
    for process, (_, err) in zip(processes, printed, strict=True):
        assert process.returncode == 0, err[-2000:]
    return ["\n".join(s for s in out.splitlines() if "[Gloo]" not in s) for out, _ in printed]


def logged(workdir: Path, gradients: bool) -> list[list[float]]:
    """The steps and scores of the training, or of the validations, which have no gradients."""
    lines = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
    names = ("step", "loss", "KL", "CC", "NSS", *(["gradient_norm"] if gradients else []))
    return [[line[n] for n in names] for line in lines if ("gradient_norm" in line) == gradients]


def test_processes_come_and_go_and_the_bits_stay(data_dir, tmp_path, capsys):
    one, to_one, to_two = (tmp_path / name for name in ("one", "to_one", "to_two"))
    finished(start(data_dir, [(one, HALF, to_two), (one, None, None)], 2))
    first, second = finished(*start_two(data_dir, [(to_one, HALF, None), (to_two, None, None)]))
    finished(start(data_dir, [(to_one, None, None)], 2))
    items = ("step", "params", "batch_stats", "opt_state", "ema", "best_step")
    whole = jax.device_get(Checkpoints(one / "checkpoints").load(items))
    for workdir in (to_one, to_two):
        assert logged(workdir, True) == logged(one, True)
        # Each process sums its own images of a validation.
        np.testing.assert_allclose(logged(workdir, False), logged(one, False), rtol=1e-6)
        state = jax.device_get(Checkpoints(workdir / "checkpoints").load(items))
        jax.tree.map(np.testing.assert_array_equal, state, whole)

    # Of the evaluation by two processes, the first prints all.
    assert not second
    evaluate_workdir(tiny_config(data_dir), one)
    assert capsys.readouterr().out.rstrip("\n") in first
    name = "evaluation/synthetic-validation-mit.csv"
    ours, theirs = (
        list(csv.DictReader((workdir / name).read_text().splitlines())) for workdir in (one, to_two)
    )
    ids = [row["image_id"] for row in ours]
    assert len(ids) == 6
    assert ids == [row["image_id"] for row in theirs]  # each image once, in order
    for metric in ("NSS", "CC", "KL", "AUC_Judd", "sAUC", "IG"):
        values = [[float(row[metric]) for row in rows] for rows in (ours, theirs)]
        assert values[0] == pytest.approx(values[1], rel=1e-4, abs=1e-5)

"""A job really trains, saves when Slurm announces the time limit, requeues itself and goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from quick_compilation import FLAGS

from samjax.training.checkpoint import Checkpoints

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow

# What Slurm does, on one machine: srun starts the program, and announces the limit to it once.
COMMANDS = {
    "sbatch": """
export SLURM_JOB_ID=4711
bash "$1" > "$PLACE/output" 2>&1
echo $? > "$PLACE/status"
echo "Submitted batch job 4711"
""",
    "srun": """
while [[ "$1" == --* ]]; do shift; done
"$@" &
process=$!
if [ ! -e "$PLACE/announced" ]; then
  until [ -s "$METRICS" ] || ! kill -0 $process; do sleep 0.05; done
  kill -USR1 $process
  touch "$PLACE/announced"
fi
wait $process
""",
    "scontrol": """
echo "$*" >> "$PLACE/requeued"
""",
}
CONFIG = [
    "--config=configs/base.py",
    "--config.model.backbone=vgg_tiny",
    "--config.model.features=4",
    "--config.model.timesteps=1",
    "--config.model.gaussians=1",
    "--config.data.train=synthetic",
    "--config.data.validation=synthetic",
    "--config.data.input_size=(32, 40)",
    "--config.train.batch_size=2",
    "--config.train.epochs=10.0",
    "--config.train.evaluate_every=10.0",
    "--config.train.max_steps=100",
    "--config.train.log_every=1",
    "--config.train.pictures=0",
]


def test_a_job_saves_ahead_of_its_limit_and_goes_on_when_it_is_requeued(scenes, tmp_path):
    for name, text in COMMANDS.items():
        (tmp_path / name).write_text(f"#!/bin/bash{text}")
        (tmp_path / name).chmod(0o755)
    workdir = tmp_path / "run"
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PLACE": str(tmp_path),
        "METRICS": str(workdir / "metrics.jsonl"),
        "XLA_FLAGS": FLAGS,
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "programs"),
    }
    command = [sys.executable, "-m", "experiments.slurm", *CONFIG, "--gpus=0", "--time=10"]
    command += [f"--config.data.data_dir={scenes}", f"--workdir={workdir}", "--submit"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    output = (tmp_path / "output").read_text()
    assert (done.returncode, done.stdout) == (0, "Submitted batch job 4711\n"), done.stderr
    assert (tmp_path / "status").read_text() == "138\n", output
    assert "SIGUSR1: saves at the next step and stops" in output
    assert (tmp_path / "requeued").read_text() == "requeue 4711\n"
    (step,) = Checkpoints(workdir / "checkpoints").steps
    assert 0 < step < 100

    again = ["sbatch", str(workdir / "slurm.sh")]  # as Slurm does with a job that is requeued
    subprocess.run(again, env=environment, check=True, capture_output=True)
    output = (tmp_path / "output").read_text()
    assert (tmp_path / "status").read_text() == "0\n", output
    assert f"resuming from step {step}" in output
    lines = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if line["kind"] == "train"] == list(range(1, 101))
    assert (tmp_path / "requeued").read_text() == "requeue 4711\n"  # not once more

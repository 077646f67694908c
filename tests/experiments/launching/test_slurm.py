"""The script asks for what was asked for, and requeues itself for the right reason only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from configs import base
from experiments.launching import requests, script, submit
from experiments.launching.job import seconds
from experiments.launching.requests import Ablation, config_arguments, hand_over, make_job
from samjax.errors import UserError

ROOT = Path(__file__).parents[3]
CONFIG = ["--config=/somewhere/osie.py", "--config.train.batch_size=16"]
SRUN = """#!/bin/bash
while [[ "$1" == --* ]]; do echo "srun $1" >> "$RECORD"; shift; done
echo "ran $*" >> "$RECORD"
exit "$STATUS"
"""
SCONTROL = """#!/bin/bash
echo "scontrol $*" >> "$RECORD"
"""


def job(workdir="/shared/runs/osie", ablation=None, configuring=CONFIG, **asked):
    config = base.get_config()
    config.train.update(asked.pop("train", {}))
    return make_job(config, configuring, Path(workdir), ablation or Ablation(), **asked)


def directives(text) -> dict[str, str]:
    lines = [line.removeprefix("#SBATCH --") for line in text.splitlines() if "#SBATCH" in line]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def run_script(text, folder: Path, status: int) -> list[str]:
    """What the script's commands were called with, on a machine whose srun ends with a status."""
    put(folder, "srun", SRUN)
    put(folder, "scontrol", SCONTROL)
    record = folder / "record"
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "RECORD": str(record), "STATUS": str(status)}
    environment |= {"SLURM_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "2"}
    done = subprocess.run(["bash", "-c", text], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (status, "")
    return record.read_text().splitlines()


def test_one_node_has_one_process_with_all_gpus():
    made = job(nodes=1, gpus=4, cpus=32, time="4:00:00")
    asked = directives(script.write(made))
    assert (asked["ntasks-per-node"], asked["gpus-per-node"]) == ("1", "4")
    assert (asked["cpus-per-task"], asked["time"]) == ("32", "4:00:00")
    assert "--multihost" not in script.write(made)


def test_several_nodes_have_a_process_for_each_gpu():
    text = script.write(job(nodes=2, gpus=4, cpus=32, notice_s=300))
    asked = directives(text)
    assert (asked["nodes"], asked["ntasks-per-node"], asked["cpus-per-task"]) == ("2", "4", "8")
    assert asked["signal"] == "USR1@300"
    assert "requeue" in asked
    assert "--multihost" in text


@pytest.mark.parametrize(
    ("status", "requeued"), [(138, True), (143, False), (1, False), (0, False)]
)
def test_a_job_requeues_itself_ahead_of_its_limit_and_for_nothing_else(tmp_path, status, requeued):
    odd = "--config.data.train=a b$HOME"
    text = script.write(job(nodes=2, gpus=2, configuring=[*CONFIG, odd]))
    record = run_script(text, tmp_path, status)
    assert record[:2] == ["srun --kill-on-bad-exit=0", "srun --wait=0"]
    ran = f"ran {sys.executable} -m experiments.train --multihost {' '.join(CONFIG)} {odd}"
    assert record[2] == f"{ran} --workdir=/shared/runs/osie"
    assert record[3:] == (["scontrol requeue 4711"] if requeued else [])


def test_the_jobs_of_an_array_share_an_ablations_points(tmp_path):
    made = job(ablation=Ablation(timesteps="1,2,4", seeds=3), shards=4)
    text = script.write(made)
    assert directives(text)["array"] == "0-3"
    assert run_script(text, tmp_path, 0)[2].endswith("--timesteps=1,2,4 --seeds=3 --shard=2/4")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"nodes": 2, "gpus": 8, "setup": ("module load cuda", "source 'a b'")},
        {"ablation": Ablation(grids=("model.timesteps=1,2;loss.nss=0,-1",)), "shards": 2},
    ],
)
def test_the_shell_understands_the_script(tmp_path, asked):
    path = tmp_path / "slurm.sh"
    path.write_text(script.write(job(**asked)))
    subprocess.run(["bash", "-n", path], check=True)
    checker = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if checker is None:
        pytest.skip("shellcheck is not installed; bash has read the script")
    exclude = "--exclude=SC1091"  # what is sourced is not here
    done = subprocess.run([checker, exclude, path], capture_output=True, text=True)
    assert done.stdout == ""


def test_the_configurations_arguments_are_taken_as_they_are_and_its_file_whole(monkeypatch):
    monkeypatch.chdir(ROOT / "configs")
    argv = ["slurm", "--nodes=2", "--config", "demo", "-config.train.seed=3", "--configure=1"]
    argv += ["--config.data.train", "osie", "--workdir=runs/a"]
    assert config_arguments(argv) == [
        f"--config={ROOT / 'configs' / 'demo.py'}",
        "--config.train.seed=3",
        "--config.data.train=osie",
    ]


WRONG = {
    "time": ({"time": "4 hours"}, "--time=4 hours is none"),
    "notice": ({"time": "2", "notice_s": 120}, "--notice=120 s are not less than --time=2"),
    "partition": ({"partition": "a b"}, "--partition='a b' is no name"),
    "directive": ({"directives": ("mem=3",)}, "--sbatch='mem=3' is no option"),
    "line": ({"directives": ("--mem=3\nrm",)}, "is no option"),
    "array": ({"shards": 2}, "--array=2 shares an ablation's points"),
    "nodes": ({"nodes": 2, "ablation": Ablation(timesteps="1")}, "--nodes=1 --array=2"),
    "two": ({"ablation": Ablation("1", ("a=1",))}, "give one of"),
    "seeds": ({"ablation": Ablation(seeds=2)}, "--seeds=2 is of an ablation"),
    "batch": ({"nodes": 2, "gpus": 3}, "does not divide over 2 x 3 GPUs; set .*batch_size=18"),
    "space": ({"nodes": 2, "gpus": 2, "train": {"space": 2}}, "use --nodes=1"),
    "config": ({"train": {"batch_size": 0}}, "train.batch_size"),
    "spaces": ({"workdir": "/a b"}, "no folder with spaces"),
}


@pytest.mark.parametrize(("asked", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_told_before_the_job_waits(asked, message):
    with pytest.raises(UserError, match=message):
        job(**asked)


def test_limits_are_read_as_slurm_reads_them():
    limits = {"90": 5400, "1:30": 90, "4:00:00": 14400, "2-12": 216000, "1-0:30": 88200}
    assert {limit: seconds(limit) for limit in limits} == limits


def test_submitting_hands_the_written_script_to_sbatch(tmp_path, monkeypatch):
    workdir = tmp_path / "run"
    made = job(workdir)
    assert hand_over(made, dry=True, submitting=False).startswith("#!/bin/bash")
    assert not workdir.exists()
    put(tmp_path, "sbatch", '#!/bin/bash\ncp "$1" "$1.sent"; echo "Submitted batch job 4711"\n')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert hand_over(made, dry=False, submitting=True) == "Submitted batch job 4711"
    assert (workdir / "slurm.sh.sent").read_text() == script.write(made)
    put(tmp_path, "sbatch", "#!/bin/bash\necho 'sbatch: error: invalid account' >&2; exit 1\n")
    with pytest.raises(UserError, match=r"sbatch refuses .*: sbatch: error: invalid account"):
        submit.submit(workdir / "slurm.sh")
    (tmp_path / "sbatch").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="no sbatch here; on a login node"):
        submit.submit(workdir / "slurm.sh")
    with pytest.raises(UserError, match="give one of them"):
        requests.hand_over(made, dry=True, submitting=True)

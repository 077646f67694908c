r"""Writes a Slurm job that trains, saves ahead of its time limit, requeues itself and goes on.

    python -m experiments.slurm --config=configs/sam_vgg_osie.py --workdir=/shared/runs/osie \
        --nodes=2 --gpus=4 --time=4:00:00 --submit

An ablation's points, shared by the jobs of an array:

    python -m experiments.slurm --config=configs/osie_ablation.py --workdir=/shared/runs/timesteps \
        --timesteps=1,2,3,4 --seeds=3 --array=4 --time=8:00:00

The script is WORKDIR/slurm.sh. Without --submit, `sbatch WORKDIR/slurm.sh` does it.
"""

import sys
from pathlib import Path

from absl import flags
from ml_collections import config_flags

from experiments.launch import launch

_CONFIG = config_flags.DEFINE_config_file("config", None, "A file of configs/.")
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the run, which all nodes see.")
_NODES = flags.DEFINE_integer("nodes", 1, "Nodes of the job.", lower_bound=1)
_GPUS = flags.DEFINE_integer("gpus", 1, "GPUs of each node; 0 for none.", lower_bound=0)
_CPUS = flags.DEFINE_integer(
    "cpus", 0, "CPU cores of each node; 0: as Slurm has it.", lower_bound=0
)
_TIME = flags.DEFINE_string("time", "", "Limit: 4:00:00, 2-12:00:00 or minutes.")
_PARTITION = flags.DEFINE_string("partition", "", "Slurm's partition.")
_ACCOUNT = flags.DEFINE_string("account", "", "Slurm's account.")
_NAME = flags.DEFINE_string("name", "", "Of the job; the work folder's if not set.")
_NOTICE = flags.DEFINE_integer(
    "notice", 120, "Seconds before the limit at which the run saves and requeues.", lower_bound=1
)
_SBATCH = flags.DEFINE_multi_string("sbatch", [], "A further option of sbatch: --sbatch=--mem=64G.")
_SETUP = flags.DEFINE_multi_string("setup", [], "A line of shell before: 'module load cuda'.")
_OPTION = flags.DEFINE_multi_string(
    "option", [], "A further option of the program: --option=--track=wandb."
)
_TIMESTEPS = flags.DEFINE_string("timesteps", None, "Ablates them, as experiments.timesteps does.")
_GRID = flags.DEFINE_multi_string("grid", [], "Ablates fields, as experiments.sweep does.")
_ROWS = flags.DEFINE_string("rows", None, "Likewise, from a file.")
_SEEDS = flags.DEFINE_integer("seeds", None, "Of an ablation.", lower_bound=1)
_ARRAY = flags.DEFINE_integer("array", 0, "Jobs that share an ablation's points.", lower_bound=0)
_DRY = flags.DEFINE_bool("dry", False, "Print the script, and write nothing.")
_SUBMIT = flags.DEFINE_bool("submit", False, "Hand the script to sbatch.")
flags.mark_flags_as_required(["config", "workdir"])


def run() -> None:
    """Run the program with the values of its flags."""
    from experiments.launching import requests

    ablation = requests.Ablation(_TIMESTEPS.value, tuple(_GRID.value), _ROWS.value, _SEEDS.value)
    job = requests.make_job(
        _CONFIG.value,
        requests.config_arguments(sys.argv),
        Path(_WORKDIR.value),
        ablation,
        name=_NAME.value,
        options=tuple(_OPTION.value),
        nodes=_NODES.value,
        gpus=_GPUS.value,
        cpus=_CPUS.value,
        time=_TIME.value,
        partition=_PARTITION.value,
        account=_ACCOUNT.value,
        notice_s=_NOTICE.value,
        shards=_ARRAY.value,
        directives=tuple(_SBATCH.value),
        setup=tuple(_SETUP.value),
    )
    print(requests.hand_over(job, dry=_DRY.value, submitting=_SUBMIT.value))


if __name__ == "__main__":
    launch(run)

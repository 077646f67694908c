r"""Trains from a config; resumes by itself if the work folder has a checkpoint.

python -m experiments.train --config=configs/osie_small.py --workdir=runs/osie_small \
    --config.model.timesteps=3
"""

from pathlib import Path

from absl import flags
from ml_collections import config_flags

from experiments import multihost
from experiments.launch import launch

_CONFIG = config_flags.DEFINE_config_file("config", None, "A file of configs/.")
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the run; made if it is not there.")
_RESTART = flags.DEFINE_bool(
    "restart", False, "Begin anew; a run that the folder has is moved to DIR/replaced-1 and so on."
)
flags.mark_flags_as_required(["config", "workdir"])


def run() -> None:
    """Run the program with the values of its flags."""
    with multihost.joined():
        from samjax.training.loop import train

        train(_CONFIG.value, Path(_WORKDIR.value), restart=_RESTART.value)


if __name__ == "__main__":
    launch(run)

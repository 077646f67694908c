r"""Trains from a config; resumes by itself if the work folder has a checkpoint.

python -m experiments.train --config=configs/osie_small.py --workdir=runs/osie_small \
    --config.model.timesteps=3
"""

from absl import flags
from ml_collections import config_flags

from experiments import multihost
from experiments.launch import launch

_CONFIG = config_flags.DEFINE_config_file("config", None, "A file of configs/.")
_WORKDIR = flags.DEFINE_string(
    "workdir",
    None,
    "Folder of the run, or an address such as s3://BUCKET/RUN; made if it is not there.",
)
_RESTART = flags.DEFINE_bool(
    "restart", False, "Begin anew; a run that the folder has is moved to DIR/replaced-1 and so on."
)
flags.mark_flags_as_required(["config", "workdir"])


def run() -> None:
    """Run the program with the values of its flags."""
    with multihost.joined():
        from samjax.training.loop import train
        from samjax.training.work_folder import opened

        with opened(_WORKDIR.value, writes_run=True) as workdir:
            train(_CONFIG.value, workdir, restart=_RESTART.value)


if __name__ == "__main__":
    launch(run)

r"""Trains from a config; resumes by itself if the work folder has a checkpoint.

python -m experiments.train --config=configs/osie_small.py --workdir=runs/osie_small \
    --config.model.timesteps=3

--profile, --debug-nans and --track look inside; they change no bit of the run, and may come and go
when it is resumed.
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
_PROFILE = flags.DEFINE_string(
    "profile", None, "STEP:COUNT: trace so many steps from this one into DIR/profile."
)
_DEBUG_NANS = flags.DEFINE_bool(
    "debug_nans",
    False,
    "Keep a step whose loss or gradient is not finite in DIR/nan, for experiments.replay. Takes "
    "the memory of one more state, and waits for each step.",
)
_TRACK = flags.DEFINE_list(
    "track", [], "Trackers that get the run too: wandb, mlflow. TensorBoard always does."
)
flags.mark_flags_as_required(["config", "workdir"])


def run() -> None:
    """Run the program with the values of its flags."""
    with multihost.joined():
        from samjax.training.loop import train
        from samjax.training.watching import Watch, parse_window
        from samjax.training.work_folder import opened

        profile = None if _PROFILE.value is None else parse_window(_PROFILE.value)
        watch = Watch(profile, _DEBUG_NANS.value, tuple(_TRACK.value))
        with opened(_WORKDIR.value, writes_run=True) as workdir:
            train(_CONFIG.value, workdir, restart=_RESTART.value, watch=watch)


if __name__ == "__main__":
    launch(run)

r"""Scores a trained model over a split at the original resolution, beside three baselines.

python -m experiments.evaluate --config=configs/osie_small.py --workdir=runs/osie_small \
    --dataset=osie --split=validation --convention=mit
"""

import math

from absl import flags
from ml_collections import config_flags

from experiments import multihost
from experiments.launch import launch

_CONFIG = config_flags.DEFINE_config_file(
    "config", None, "A file of configs/: where the data are. The network is the work folder's own."
)
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the run, or its address.")
_DATASET = flags.DEFINE_string("dataset", None, "Prepared dataset; the config's first if not set.")
_SPLIT = flags.DEFINE_string("split", None, "Split or slice; the config's if not set.")
_CONVENTION = flags.DEFINE_string("convention", "mit", "Whose definitions of the metrics.")
_TIMESTEPS = flags.DEFINE_integer(
    "timesteps", None, "Another number of timesteps than in training.", lower_bound=1
)
_UNTIL = flags.DEFINE_float("until", None, "Only fixations that begin within so many ms.")
flags.mark_flags_as_required(["config", "workdir"])


@flags.validator("until", message="--until takes a finite number of ms from 0")
def _finite(until: float | None) -> bool:
    return until is None or 0 <= until < math.inf  # nan is not


def run() -> None:
    """Run the program with the values of its flags."""
    with multihost.joined():
        from samjax.evaluation.evaluate import evaluate_workdir
        from samjax.training.work_folder import opened

        with opened(_WORKDIR.value) as workdir:
            evaluate_workdir(
                _CONFIG.value,
                workdir,
                dataset=_DATASET.value,
                split=_SPLIT.value,
                convention=_CONVENTION.value,
                timesteps=_TIMESTEPS.value,
                until_ms=_UNTIL.value,
            )


if __name__ == "__main__":
    launch(run)

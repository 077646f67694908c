r"""Ablates any fields of a config: trains every combination, compares their scores.

    python -m experiments.sweep --config=configs/osie_ablation.py --workdir=runs/sweep \
        --grid='model.timesteps=1,2,4;loss.nss=0,-1' --seeds=3

    python -m experiments.sweep --config=configs/osie_ablation.py --workdir=runs/paper_rows \
        --rows=configs/ablations/paper.py --seeds=3

The first row is what the others are compared with. Resumes by itself; --shard=0/2 and --shard=1/2
in two processes, or on two machines with one file system, share the points.
"""

from absl import flags
from ml_collections import config_flags

from experiments.config_files import in_checkout
from experiments.launch import launch
from samjax.errors import UserError

_CONFIG = config_flags.DEFINE_config_file("config", None, "What all points have in common.")
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the ablation, or an address.")
_GRID = flags.DEFINE_multi_string("grid", [], "FIELD=VALUE,VALUE;FIELD=...; may be repeated.")
_ROWS = flags.DEFINE_string("rows", None, "A Python file with ROWS = {label: {field: value}}.")
_SEEDS = flags.DEFINE_integer("seeds", 1, "Trainings of each setting.", lower_bound=1)
_SHARD = flags.DEFINE_string("shard", "0/1", "i/n: only every n-th point, from i.")
_DATASET = flags.DEFINE_string("dataset", None, "To score on; the config's validation if not set.")
_SPLIT = flags.DEFINE_string("split", None, "Split or slice; the config's if not set.")
_CONVENTION = flags.DEFINE_string("convention", "mit", "Whose definitions of the metrics.")
flags.mark_flags_as_required(["config", "workdir"])


def run() -> None:
    """Run the program with the values of its flags."""
    from experiments.ablation import grid
    from experiments.ablation.place import ablation_folder
    from experiments.ablation.run import sweep

    if bool(_GRID.value) == bool(_ROWS.value):
        raise UserError("say what to vary: either --grid='FIELD=VALUE,VALUE' or --rows=FILE")
    if _ROWS.value:
        settings = grid.from_file(in_checkout(_ROWS.value), _CONFIG.value)
    else:
        settings = grid.from_grids(_GRID.value, _CONFIG.value)
    with ablation_folder(_WORKDIR.value, _SHARD.value) as workdir:
        sweep(
            _CONFIG.value,
            workdir,
            settings,
            seeds=_SEEDS.value,
            shard=_SHARD.value,
            dataset=_DATASET.value,
            split=_SPLIT.value,
            convention=_CONVENTION.value,
        )


if __name__ == "__main__":
    launch(run)

r"""The ablation of the timesteps: how the prediction improves as the attentive LSTM looks again.

    python -m experiments.timesteps --config=configs/osie_ablation.py --workdir=runs/timesteps \
        --timesteps=1,2,3,4 --seeds=3 --mode=both

readout: ONE trained model, the one with the most timesteps, read after each of them; retrain: a
model of its own for each number, trained on the same data in the same order. Resumes by itself.
"""

from absl import flags
from ml_collections import config_flags

from experiments.launch import launch

_CONFIG = config_flags.DEFINE_config_file("config", None, "What all points have in common.")
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the ablation, or an address.")
_TIMESTEPS = flags.DEFINE_list("timesteps", "1,2,3,4", "Numbers of timesteps, the reference first.")
_MODE = flags.DEFINE_enum("mode", "both", ["readout", "retrain", "both"], "What is ablated.")
_SEEDS = flags.DEFINE_integer("seeds", 1, "Trainings of each setting.", lower_bound=1)
_SHARD = flags.DEFINE_string("shard", "0/1", "i/n: only every n-th point, from i.")
_DATASET = flags.DEFINE_string("dataset", None, "To score on; the config's validation if not set.")
_SPLIT = flags.DEFINE_string("split", None, "Split or slice; the config's if not set.")
_CONVENTION = flags.DEFINE_string("convention", "mit", "Whose definitions of the metrics.")
flags.mark_flags_as_required(["config", "workdir"])


@flags.validator("timesteps", message="--timesteps takes whole numbers, such as 1,2,3,4")
def _whole_numbers(values: list[str]) -> bool:
    return all(value.strip().isdigit() for value in values)


def run() -> None:
    """Run the program with the values of its flags."""
    from experiments.ablation.place import ablation_folder
    from experiments.ablation.run import timesteps

    with ablation_folder(_WORKDIR.value, _SHARD.value) as workdir:
        timesteps(
            _CONFIG.value,
            workdir,
            [int(value) for value in _TIMESTEPS.value],
            mode=_MODE.value,
            seeds=_SEEDS.value,
            shard=_SHARD.value,
            dataset=_DATASET.value,
            split=_SPLIT.value,
            convention=_CONVENTION.value,
        )


if __name__ == "__main__":
    launch(run)

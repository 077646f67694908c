r"""Says what a training would take, before anything is trained: parameters, arithmetic, memory.

python -m experiments.summary --config=configs/sam_vgg_osie.py --config.train.batch_size=8 \
    --device-gib=80

No dataset is needed. The step is compiled for the devices of this machine, and its memory is that
of the program for them: a GPU's program takes another amount than a CPU's.
"""

from absl import flags
from ml_collections import config_flags

from experiments.launch import launch

_CONFIG = config_flags.DEFINE_config_file("config", None, "A file of configs/.")
_DEVICE_GIB = flags.DEFINE_float(
    "device_gib", None, "Memory of the device that is meant; this one's if not set."
)
flags.mark_flags_as_required(["config"])


@flags.validator("device_gib", message="--device-gib takes a number above 0")
def _positive(gib: float | None) -> bool:
    return gib is None or 0 < gib < 1e9  # nan is not


def run() -> None:
    """Run the program with the values of its flags."""
    from experiments.inspection.page import summarise

    print(summarise(_CONFIG.value, _DEVICE_GIB.value))


if __name__ == "__main__":
    launch(run)

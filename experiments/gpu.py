"""Shows in one call what only a GPU can: parity, speed, choices, memory and the share of its peak.

    python -m experiments.gpu --minutes=9 --output=runs/gpu

It needs JAX for the GPU with flax, optax and orbax, PyTorch for the comparison, and nothing that
only trainings need. Each part writes its JSON file as soon as it has a result, and is left out with
a line where too little time is left. Progress is shown on standard error, the table at the end.
"""

import os
import time
from pathlib import Path

from absl import flags

from experiments.launch import launch

_MINUTES = flags.DEFINE_float("minutes", 9.0, "Everything ends within so many minutes.", 0.1)
_OUTPUT = flags.DEFINE_string("output", "runs/gpu", "Folder for the results.")
_ONLY = flags.DEFINE_list("only", [], "Parts: parity,pytorch,variants,memory,roofline,training.")
_TRAIN = flags.DEFINE_bool("train", False, "Also train configs/sam_vgg_real.py; needs --data-dir.")
_DATA_DIR = flags.DEFINE_string("data-dir", "", "Folder of the prepared datasets, for a training.")
_QUICK = flags.DEFINE_bool("quick", False, "A miniature of everything, on a CPU as well.")


def run() -> None:
    """Run the parts that the flags name."""
    until = time.time() + 60 * _MINUTES.value
    # The parts' processes share a GPU with PyTorch.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    from experiments.bench.parts import MEASURED, Task, run_parts

    names = [*(_ONLY.value or MEASURED), *(["training"] if _TRAIN.value else [])]
    print(run_parts(names, until, Task(Path(_OUTPUT.value), _QUICK.value, _DATA_DIR.value)))


if __name__ == "__main__":
    launch(run)

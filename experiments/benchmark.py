"""Measure samjax on this machine, beside PyTorch's SAM of the same equations if PyTorch is there.

    python -m experiments.benchmark --output=runs/bench --only=network,timesteps --quick

Writes a JSON file per subject as soon as it is measured, with the machine and the versions, and of
all of them a Markdown table and a plot. Both sides get the same weights, must agree in their
outputs, and run in turn. Progress is shown on standard error.
"""

import os
from pathlib import Path

from absl import flags

from experiments.launch import launch

_OUTPUT = flags.DEFINE_string("output", "runs/bench", "Folder for the results.")
_ONLY = flags.DEFINE_list(
    "only",
    ["network", "convolutions", "timesteps", "memory", "roofline", "pipeline", "metrics"],
    "Subjects: modules of bench/.",
)
_QUICK = flags.DEFINE_bool("quick", False, "A small input and few rounds: minutes, not tens.")
_BACKBONE = flags.DEFINE_enum("backbone", "vgg16", ["vgg16", "resnet50"], "SAM-VGG or SAM-ResNet.")
_DTYPE = flags.DEFINE_enum(
    "dtype", "", ["", "float32", "bfloat16"], "Of activations; float32 on a CPU, else bfloat16."
)
_ROUNDS = flags.DEFINE_integer("rounds", 0, "Times that each program runs; 0: as fits.")


def run() -> None:
    """Measure the subjects that the flags name."""
    # Before JAX starts: it shares a GPU with PyTorch here.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    from experiments.bench.plan import make_plan
    from experiments.bench.report import run_subjects

    plan = make_plan(_BACKBONE.value, _DTYPE.value, _QUICK.value, _ROUNDS.value)
    run_subjects(_ONLY.value, Path(_OUTPUT.value), plan)


if __name__ == "__main__":
    launch(run)

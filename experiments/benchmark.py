"""Measures samjax on this machine, beside others that run the same networks, within a given time.

    python -m experiments.benchmark --output=runs/bench --minutes=15

Beside PyTorch, ONNX Runtime and OpenVINO, those that are installed (the extra `bench`). Every side
gets the same weights and must agree in its outputs, and all run in turn. What is worth most comes
first, and what does not fit into the time is named. Each figure is written as soon as it is there:
a JSON file per subject with the machine and the versions, and of all of them a Markdown table and a
plot. The same command goes on where it was interrupted. Progress is shown on standard error.
"""

import math
import os
from pathlib import Path

from absl import flags

from experiments.launch import launch

_OUTPUT = flags.DEFINE_string("output", "runs/bench", "Folder for the results.")
_MINUTES = flags.DEFINE_float(
    "minutes", 15.0, "Everything ends within so many minutes; 0: it takes its time.", 0.0
)
_ONLY = flags.DEFINE_list(
    "only",
    [
        *("network", "memory", "timesteps", "step_parts", "convolutions", "roofline", "metrics"),
        "pipeline",
    ],
    "Subjects: modules of bench/.",
)
_NETWORKS = flags.DEFINE_list(
    "networks", ["sam-vgg", "sam-resnet", "sam-small", "unisal"], "Which are compared."
)
_CONTENDERS = flags.DEFINE_enum(
    "contenders",
    "usual",
    ["usual", "all"],
    "On a CPU, all are also PyTorch's channels_last and torch.compile, and more timesteps.",
)
_RESTART = flags.DEFINE_bool("restart", False, "Measure again what is in the folder.")
_QUICK = flags.DEFINE_bool("quick", False, "A small input and few rounds, for a trial.")
_DTYPE = flags.DEFINE_enum(
    "dtype", "", ["", "float32", "bfloat16"], "Of activations; float32 on a CPU, else bfloat16."
)
_ROUNDS = flags.DEFINE_integer(
    "rounds", 0, "Times that each program runs at most; 0: the usual number.", 0
)


def run() -> None:
    """Measure the subjects that the flags name."""
    seconds = 60 * _MINUTES.value or math.inf
    # Before JAX starts: it shares a GPU with PyTorch here.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    from experiments.bench.plan import make_plan
    from experiments.bench.runner import run_subjects

    plan = make_plan(
        _NETWORKS.value, _DTYPE.value, _QUICK.value, _ROUNDS.value, _CONTENDERS.value == "all"
    )
    run_subjects(_ONLY.value, Path(_OUTPUT.value), plan, seconds, _RESTART.value)


if __name__ == "__main__":
    launch(run)

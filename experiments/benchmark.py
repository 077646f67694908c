"""Measures samjax on this machine: one JSON file per subject, and a summary on the screen.

python -m experiments.benchmark --output=runs/bench --only=network,pipeline,metrics
"""

from pathlib import Path

from absl import flags

from experiments.launch import launch

_OUTPUT = flags.DEFINE_string("output", "runs/bench", "Folder for the results.")
_ONLY = flags.DEFINE_list(
    "only", ["network", "pipeline", "metrics"], "Subjects: modules of bench/."
)


def run() -> None:
    from experiments.bench.report import run_subjects

    run_subjects(_ONLY.value, Path(_OUTPUT.value))


if __name__ == "__main__":
    launch(run)

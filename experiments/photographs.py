"""Photographs to try a model on: those that installed packages bring and that may be redistributed.

python -m experiments.photographs --output=runs/demo/photographs

matplotlib is always there, scikit-image comes with the extra `demo`, and scikit-learn is used where
it is installed.
"""

from pathlib import Path

from absl import flags

from experiments.free_photographs import collect
from experiments.launch import launch

_OUTPUT = flags.DEFINE_string("output", "photographs", "Folder of the photographs, made anew.")


def run() -> None:
    """Run the program with the values of its flags."""
    folder = Path(_OUTPUT.value)
    print(f"{len(collect(folder))} photographs in {folder}")


if __name__ == "__main__":
    launch(run)

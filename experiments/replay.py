r"""Runs a step again whose loss or gradient was not finite, and names what first was not.

python -m experiments.replay --workdir=runs/osie_small --step=1234

The step was kept by `experiments.train --debug-nans`. Neither the data nor a GPU is needed.
"""

from pathlib import Path

from absl import flags

from experiments.launch import launch

_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the run.")
_STEP = flags.DEFINE_integer("step", None, "Which one, if not the latest that is kept.")
flags.mark_flags_as_required(["workdir"])


def run() -> None:
    """Run the program with the values of its flags."""
    from samjax.training.replay import replay

    print("\n".join(replay(Path(_WORKDIR.value), _STEP.value)))


if __name__ == "__main__":
    launch(run)

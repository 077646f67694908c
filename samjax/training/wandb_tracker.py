"""A run at Weights & Biases.

Where it goes is said by the package's own environment: WANDB_MODE=offline keeps it in
WORKDIR/wandb, to be sent by `wandb sync` later; WANDB_PROJECT (samjax unless it is set) and
WANDB_ENTITY name the place.
"""

import os
import secrets
from pathlib import Path

import numpy as np

from samjax.training.tracker import About

STEP = "step"


class WandbTracker:
    """See `samjax.training.tracker.Tracker`."""

    def __init__(self, workdir: Path, about: About, identity: str) -> None:
        """Begin a run, or resume the one of this identity."""
        # Reports of the package's own failures go to its makers otherwise, offline too.
        os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
        import wandb

        self._wandb = wandb
        self.identity = identity or secrets.token_hex(4)
        self._complete = False
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "samjax"),
            id=self.identity,
            resume="allow",
            name=about.name,
            dir=str(workdir),
            config=about.config | {"environment": about.environment},
            allow_val_change=True,
            settings=wandb.Settings(console="off", silent=True),
        )
        # Its own step only grows, and a resumed run sends some steps again.
        self._run.define_metric("*", step_metric=STEP)

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Send numbers as KIND/NAME."""
        self._run.log({STEP: step} | {f"{kind}/{name}": v for name, v in values.items()})

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Send pictures by their names."""
        images = {name: self._wandb.Image(picture) for name, picture in pictures.items()}
        self._run.log({STEP: step} | images)

    def final(self, scores: dict[str, float]) -> None:
        """Put the last scores into the run's summary as final/NAME."""
        self._complete = True
        self._run.summary.update({f"final/{name}": score for name, score in scores.items()})

    def close(self) -> None:
        """End the run, and the process that the package runs beside this one."""
        if not self._complete:
            self._run.mark_preempting()
        self._run.finish(exit_code=0 if self._complete else 1)
        self._wandb.teardown()

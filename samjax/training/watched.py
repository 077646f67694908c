"""The training step and the writer of a run that is watched, see `samjax.training.watching`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from samjax.data.mixture import image_names
from samjax.parallel.processes import is_main_process
from samjax.training.compiled import random_key
from samjax.training.environment import environment
from samjax.training.experiment import Experiment
from samjax.training.nan_cases import NAN, Keeping
from samjax.training.profiling import PROFILE, Profiled, check_window
from samjax.training.tracker import About
from samjax.training.tracking import check_trackers
from samjax.training.watching import Watch
from samjax.training.writer import NoWriter, Writer


def check_watch(watch: Watch, experiment: Experiment) -> None:
    """Check that a run can be watched so.

    Raises:
        UserError: It cannot.
    """
    check_trackers(watch.track)
    if watch.profile:
        check_window(watch.profile, experiment.plan.steps)


def open_writer(
    experiment: Experiment, workdir: Path, start: int, validated: bool, watch: Watch
) -> Writer | NoWriter:
    """Return the writer of the main process, or that of all others."""
    if not is_main_process():
        return NoWriter()
    about = About(workdir.absolute().name, experiment.config.to_dict(), environment())
    return Writer(workdir, start, validated, about=about, track=watch.track)


class Watched:
    """A training step that is to be closed."""

    def __init__(self, step: Callable, close: Callable[[], None]) -> None:
        """Call `step` for each step, and `close` after the last one."""
        self._step, self.close = step, close

    def __call__(self, state: Any, batch: Any) -> Any:
        """Return what the step returns."""
        return self._step(state, batch)


def watched(
    step: Callable,
    watch: Watch,
    experiment: Experiment,
    workdir: Path,
    start: int,
    pause: Callable[[], None],
) -> Watched:
    """Return a training step that does what the step does, and is watched.

    Args:
        step: The training step.
        watch: What is looked at more closely.
        experiment: What is trained.
        workdir: The work folder.
        start: How many steps the run has behind it.
        pause: Leaves the time until the next step out of the measured speed.
    """

    def about(index: np.ndarray) -> dict[str, Any]:
        return {
            "images": image_names(experiment.training, index),
            "key": random_key(experiment).tolist(),
            "config": experiment.config.to_dict(),
            "environment": environment(),
        }

    if watch.debug_nans:
        step = Keeping(step, experiment.mesh, workdir / NAN, about)
    if watch.profile is None:
        return Watched(step, lambda: None)
    profiled = Profiled(step, watch.profile, start, workdir / PROFILE, pause)
    return Watched(profiled, profiled.close)

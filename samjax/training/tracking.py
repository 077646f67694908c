"""Trackers: services and files of others that get what a run writes, beside its own files.

A tracker gets the configuration and the environment at the start, every number and picture of the
log, and the last scores at the end. A resumed run goes on with the same run of the tracker, whose
name there stands in WORKDIR/trackers.json; points behind the checkpoint that it goes on from are
sent again, with the same values, because training resumes exactly. Only the main process has any.

The run's own files have everything, so a tracker that fails is given up with one line, and the
training goes on: it must not stop, or wait minutes for each number, for want of a server.
"""

import importlib.util
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from samjax.console.log import log
from samjax.errors import UserError, check_name, one_line
from samjax.files.atomic import write_atomic
from samjax.training.tracker import About, Tracker

TRACKERS = {"wandb": "wandb", "mlflow": "mlflow"}
"""The module that each tracker needs."""
IDENTITIES = "trackers.json"


def check_trackers(names: Sequence[str]) -> None:
    """Check that trackers are known and can be used.

    Raises:
        UserError: One is unknown, named twice, or its package is not installed.
    """
    for name in names:
        if name == "tensorboard":
            raise UserError("--track=tensorboard: its events are always written; leave it out")
        check_name("--track", name, TRACKERS)
        if list(names).count(name) > 1:
            raise UserError(f"--track names {name} twice; name it once")
        if importlib.util.find_spec(TRACKERS[name]) is None:
            raise UserError(
                f"--track={name}: its package is not installed; `pip install 'samjax[track]'`"
            )


class Guarded:
    """A tracker of a kind, given up at its first failure with one line."""

    def __init__(self, kind: str, begin: Callable[[], Tracker]) -> None:
        """Begin or resume the run at the tracker."""
        self.kind = kind
        self._tracker: Tracker | None = None
        self._call(lambda: setattr(self, "_tracker", begin()))

    @property
    def identity(self) -> str:
        """By which the tracker knows the run; "" where it was given up."""
        return self._tracker.identity if self._tracker else ""

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """See `Tracker`."""
        self._do("scalars", step, kind, values)

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """See `Tracker`."""
        self._do("pictures", step, pictures)

    def final(self, scores: dict[str, float]) -> None:
        """See `Tracker`."""
        self._do("final", scores)

    def close(self) -> None:
        """See `Tracker`."""
        self._do("close")

    def _do(self, method: str, *arguments: Any) -> None:
        if self._tracker is not None:
            self._call(lambda: getattr(self._tracker, method)(*arguments))

    def _call(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except Exception as error:  # of whatever type the tracker's package raises
            self._tracker = None
            log(
                f"warning: {self.kind} failed ({one_line(error)}) and gets no more of this run; "
                "training goes on, and the work folder has everything"
            )


def open_trackers(names: Sequence[str], workdir: Path, about: About) -> list[Guarded]:
    """Begin the run at each tracker, or resume it where the work folder has begun it before."""
    before = _identities(workdir)
    opened = [Guarded(name, partial(_begin, name, workdir, about, before)) for name in names]
    now = {tracker.kind: tracker.identity for tracker in opened if tracker.identity}
    if now.keys() - before.keys():
        write_atomic(workdir / IDENTITIES, json.dumps(before | now, indent=1) + "\n")
    return opened


def _begin(name: str, workdir: Path, about: About, identities: dict[str, str]) -> Tracker:
    identity = identities.get(name, "")
    if name == "wandb":
        from samjax.training.wandb_tracker import WandbTracker

        return WandbTracker(workdir, about, identity)
    from samjax.training.mlflow_tracker import MlflowTracker

    return MlflowTracker(workdir, about, identity)


def _identities(workdir: Path) -> dict[str, str]:
    try:
        return {str(k): str(v) for k, v in json.loads((workdir / IDENTITIES).read_bytes()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError):
        log(f"{workdir / IDENTITIES} cannot be read; the trackers begin new runs")
        return {}

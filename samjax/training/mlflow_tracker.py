"""A run at MLflow.

Where it goes is said by the package's own environment: MLFLOW_TRACKING_URI is a server's address
or, where the whole of MLflow is installed, a database's; without it, the run is kept in
WORKDIR/mlruns. MLFLOW_EXPERIMENT_NAME (samjax unless it is set) names the experiment.
"""

import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from samjax.training.tracker import About

MOST_CHARACTERS = 500  # of a parameter's value, in the oldest servers
BATCH = 100  # parameters that a server takes at once


class MlflowTracker:
    """See `samjax.training.tracker.Tracker`."""

    def __init__(self, workdir: Path, about: About, identity: str) -> None:
        """Begin a run, or resume the one of this identity."""
        # Its use is reported to its makers otherwise.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        # A server that is gone would hold the training up for minutes otherwise.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        address = os.environ.get("MLFLOW_TRACKING_URI", "")
        if not address:
            address = (workdir / "mlruns").absolute().as_uri()
            # Files need no database and no lock; newer versions want to be told that one means it.
            os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
        from mlflow import MlflowClient
        from mlflow.entities import Metric, Param

        self._metric, self._param = Metric, Param
        self._client = MlflowClient(tracking_uri=address)
        self._complete = False
        self.identity = identity or self._create(about.name)
        if identity:
            self._client.update_run(identity, status="RUNNING")
        self._describe(about)

    def _create(self, name: str) -> str:
        experiment = os.environ.get("MLFLOW_EXPERIMENT_NAME", "samjax")
        found = self._client.get_experiment_by_name(experiment)
        place = found.experiment_id if found else self._client.create_experiment(experiment)
        return self._client.create_run(place, run_name=name).info.run_id

    def _describe(self, about: About) -> None:
        """Log the configuration as parameters, which may not change, and the environment as tags.

        A field that changed since the run began becomes a tag.
        """
        fields = {k: str(v)[:MOST_CHARACTERS] for k, v in _flat(about.config).items()}
        there = self._client.get_run(self.identity).data.params
        new = [self._param(k, v) for k, v in fields.items() if k not in there]
        for start in range(0, len(new), BATCH):
            self._client.log_batch(self.identity, params=new[start : start + BATCH])
        changed = {f"changed.{k}": v for k, v in fields.items() if there.get(k, v) != v}
        environment = {f"environment.{k}": v for k, v in about.environment.items()}
        for name, value in (changed | environment).items():
            self._client.set_tag(self.identity, name, value)

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Send numbers as KIND/NAME."""
        now = int(time.time() * 1000)
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        metrics = [self._metric(f"{kind}/{k}", float(v), now, step) for k, v in finite.items()]
        self._client.log_batch(self.identity, metrics=metrics)

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Send pictures as artifacts, pictures/STEP/NAME.png."""
        for name, picture in pictures.items():
            self._client.log_image(self.identity, picture, f"pictures/{step}/{name}.png")

    def final(self, scores: dict[str, float]) -> None:
        """Send the last scores as final/NAME."""
        self._complete = True
        self.scalars(0, "final", scores)

    def close(self) -> None:
        """End the run, as finished or killed."""
        status = "FINISHED" if self._complete else "KILLED"
        self._client.set_terminated(self.identity, status)


def _flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of nested dictionaries by their dotted names."""
    fields: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, dict):
            fields |= _flat(value, f"{prefix}{name}.")
        else:
            fields[f"{prefix}{name}"] = value
    return fields

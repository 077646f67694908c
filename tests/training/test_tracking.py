"""Trackers get what a run writes, go on with the same run, and never stop a training."""

import json
import sys
import threading

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.training import tracking
from samjax.training.environment import commit, environment
from samjax.training.tracker import About
from samjax.training.tracking import Guarded, check_trackers, open_trackers
from samjax.training.writer import Writer

ABOUT = About("osie", {"train": {"seed": 0, "epochs": 1.0}}, {"jax": "0.10", "devices": "1 x cpu"})
PICTURE = np.zeros((4, 5, 3), np.uint8)


def write(workdir, kind, steps, from_step=0, about=ABOUT, complete=False):
    """A part of a run, with a tracker."""
    writer = Writer(workdir, from_step, about=about, track=(kind,))
    for step in steps:
        writer.scalars(step, "train", {"loss": 1.0 / step})
    writer.pictures(steps[-1], {"image_a": PICTURE})
    if complete:
        writer.final({"KL": 0.5})
    writer.close()


def test_mlflow_gets_numbers_configuration_environment_and_scores(tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="needs mlflow-skinny, of the extra `track`")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    from mlflow import MlflowClient

    write(tmp_path, "mlflow", [1, 2, 3])
    (name,) = json.loads((tmp_path / tracking.IDENTITIES).read_text()).values()
    client = MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri())
    assert client.get_run(name).info.status == "KILLED"
    changed = ABOUT._replace(config={"train": {"seed": 0, "epochs": 2.0}})
    write(tmp_path, "mlflow", [3, 4], from_step=2, about=changed, complete=True)

    run = client.get_run(name)
    experiment = client.get_experiment_by_name("samjax")
    assert [found.info.run_id for found in client.search_runs([experiment.experiment_id])] == [name]
    assert run.info.status == "FINISHED"
    assert run.data.params == {"train.seed": "0", "train.epochs": "1.0"}
    assert run.data.tags["changed.train.epochs"] == "2.0"
    assert run.data.tags["environment.devices"] == "1 x cpu"
    points = {(p.step, p.value) for p in client.get_metric_history(name, "train/loss")}
    assert points == {(step, 1.0 / step) for step in (1, 2, 3, 4)}
    assert run.data.metrics["final/KL"] == 0.5
    assert [file.path for file in client.list_artifacts(name, "pictures/3")] == [
        "pictures/3/image_a.png"
    ]
    assert no_new_threads()


def test_wandb_keeps_the_same_run_offline(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="needs wandb, of the extra `track`")
    monkeypatch.setenv("WANDB_MODE", "offline")
    write(tmp_path, "wandb", [1, 2])
    (name,) = json.loads((tmp_path / tracking.IDENTITIES).read_text()).values()
    write(tmp_path, "wandb", [2, 3], from_step=1, complete=True)
    files = sorted((tmp_path / "wandb").glob(f"offline-run-*/run-{name}.wandb"))
    assert len(files) == 2  # parts of one run, which `wandb sync` puts together
    first, second = (path.read_bytes() for path in files)
    for part in (first, second):
        assert b"train/loss" in part
        assert b"image_a" in part
        assert b"environment" in part
        assert b"epochs" in part
    assert b"final/KL" in second
    assert b"final/KL" not in first
    assert no_new_threads()


def no_new_threads() -> bool:
    names = [thread.name for thread in threading.enumerate()]
    return not any(
        "wandb" in n.lower() or "mlflow" in n.lower() or "otel" in n.lower() for n in names
    )


class Failing:
    """A tracker whose server goes away after two numbers."""

    identity = "abc"

    def __init__(self):
        self.calls = 0

    def scalars(self, step, kind, values):
        self.calls += 1
        if self.calls > 2:
            raise ConnectionError("the server\nis gone")

    def close(self):
        raise AssertionError("it was given up")


def test_a_tracker_that_fails_is_told_once_and_given_up(capsys):
    failing = Failing()
    tracker = Guarded("mlflow", lambda: failing)
    for step in range(1, 6):
        tracker.scalars(step, "train", {"loss": 1.0})
    tracker.close()
    assert failing.calls == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: mlflow failed (the server is gone) and gets no more")


def test_a_tracker_that_cannot_begin_is_told_and_leaves_no_name(tmp_path, monkeypatch, capsys):
    def refuse(*arguments):
        raise RuntimeError("no key")

    monkeypatch.setattr(tracking, "_begin", refuse)
    (tracker,) = open_trackers(["wandb"], tmp_path, ABOUT)
    tracker.scalars(1, "train", {"loss": 1.0})
    assert not (tmp_path / tracking.IDENTITIES).exists()
    assert capsys.readouterr().err.count("warning: wandb failed (no key)") == 1


def test_unknown_and_missing_trackers_are_refused_before_anything_is_done(monkeypatch):
    check_trackers([])
    with pytest.raises(UserError, match="did you mean wandb"):
        check_trackers(["wandbb"])
    with pytest.raises(UserError, match="always written"):
        check_trackers(["tensorboard"])
    monkeypatch.setitem(tracking.TRACKERS, "wandb", "a_package_that_nobody_has")
    with pytest.raises(UserError, match=r"--track=wandb: .*samjax\[track\]"):
        check_trackers(["wandb"])


def test_the_environment_names_versions_devices_and_the_commit(tmp_path, monkeypatch):
    facts = environment()
    assert facts["devices"] == "8 x cpu"
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["jax"]
    assert commit(tmp_path) == ""  # no checkout
    monkeypatch.setenv("SAMJAX_COMMIT", "0123abc")
    assert environment()["commit"] == "0123abc"

"""A run that is watched ends in the bits of one that is not, and shows what it was asked for."""

import json

import jax
import numpy as np
import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.training.checkpoint import Checkpoints
from samjax.training.loop import train
from samjax.training.profiling import PROFILE, TRACES
from samjax.training.replay import replay
from samjax.training.tracking import IDENTITIES
from samjax.training.watching import Watch, Window

pytestmark = pytest.mark.slow
ITEMS = ("step", "params", "batch_stats", "opt_state", "ema", "best", "best_step")


def saved(workdir, step):
    return jax.device_get(Checkpoints(workdir / "checkpoints").load(ITEMS, step))


def short(scenes, **train):
    return tiny_config(scenes, max_steps=4, log_every=2, evaluate_every=9.0, **train)


def test_a_watched_run_is_the_same_run(scenes, tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="needs mlflow-skinny, of the extra `track`")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    plain, workdir = tmp_path / "plain", tmp_path / "watched"
    train(short(scenes), plain, jax.devices()[:1])
    train(short(scenes), workdir, jax.devices()[:1], watch=Watch(Window(2, 2), True, ("mlflow",)))
    jax.tree.map(np.testing.assert_array_equal, saved(workdir, 4), saved(plain, 4))
    assert len(list((workdir / PROFILE).rglob(TRACES))) == 1
    assert not (workdir / "nan").exists()
    from mlflow import MlflowClient

    name = json.loads((workdir / IDENTITIES).read_text())["mlflow"]
    run = MlflowClient(tracking_uri=(workdir / "mlruns").as_uri()).get_run(name)
    assert run.data.params["model.backbone"] == "vgg_tiny"
    lines = [json.loads(line) for line in (workdir / "metrics.jsonl").read_text().splitlines()]
    (last,) = [line for line in lines if line["step"] == 4 and line["kind"] == "synthetic"]
    assert run.data.metrics["final/KL"] == last["KL"]


def test_a_step_that_is_not_finite_is_kept_and_its_replay_names_the_module(scenes, tmp_path):
    config = short(scenes, learning_rate=1e30, schedule="constant", clip_norm=0.0)
    with pytest.raises(UserError, match="step 2 is not finite"):
        train(config, tmp_path, jax.devices()[:1], watch=Watch(debug_nans=True))
    lines = replay(tmp_path)
    assert lines[0].startswith("step 2: ")
    # The first step has made the first convolution's kernel as large as the learning rate.
    assert "first module whose output is not finite: backbone/block1_norm1; " in lines[1]
    assert any(line.startswith("parameters whose gradient is not finite") for line in lines)
    assert "at samjax/" in lines[-1]

"""Training on cached features is training on the same views of the images."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import optax
import pytest
from tiny_training import tiny_config

from samjax.console.training_progress import TrainingProgress
from samjax.parallel.stop_signals import StopRequest
from samjax.training import compiled, run
from samjax.training.checkpoint import Checkpoints
from samjax.training.checkpoint_reading import Found
from samjax.training.config import read_experiment
from samjax.training.feature_cache import cached_features
from samjax.training.loop import train
from samjax.training.preemption import Preemption
from samjax.training.validation import Validation
from samjax.training.writer import NoWriter

ONE_DEVICE = jax.devices()[:1]
ITEMS = ("step", "params", "batch_stats", "opt_state", "ema", "best", "best_step")
# A clipped norm shows whether the backbone's gradient is in it. Adam would blow rounding up where a
# gradient is nearly zero.
TX = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(1e-2, momentum=0.9))
TX = optax.chain(TX, optax.masked(optax.set_to_zero(), lambda p: {k: k == "backbone" for k in p}))


class Fresh:
    """Stands for a work folder that has no checkpoint yet."""

    def find(self) -> Found:
        return Found(None, [])


def config_of(data_dir, folder=None, **train):
    """A frozen backbone and four views; with a folder its features are cached there."""
    config = tiny_config(data_dir, cache_features=folder is not None, **train)
    config.train.cache_dir = str(folder or "")
    config.model.norm_statistics = "running"
    config.train.factors.backbone = 0.0
    config.augment.views = 4
    return config


def losses(config, devices=ONE_DEVICE, steps=4) -> tuple[list[float], object]:
    """The losses of the first steps, with the norms of the gradients; and the last state."""
    experiment = replace(read_experiment(config, devices), tx=TX)
    first = compiled.plan_state(experiment)
    step = compiled.compile_train_step(experiment, first)
    state, _ = compiled.restore_or_create(Fresh(), experiment, first)
    features = cached_features(experiment, state, Path("unused/run"), lambda: None)
    batches = run.batches_from(0, experiment, features)
    found = []
    for _ in range(steps):
        _, batch = next(batches)
        assert ("features" in batch) == config.train.cache_features
        state, metrics = step(state, batch)
        values = metrics.compute()
        found += [values["loss"], values["gradient_norm"]]
    return found, jax.device_get(state)


@pytest.fixture(scope="module")
def uncached(data_dir):
    return losses(config_of(data_dir))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("features")


def test_in_float32_the_losses_are_those_of_the_same_views_of_the_images(
    uncached, data_dir, folder
):
    found, state = losses(config_of(data_dir, folder, cache_dtype="float32"))
    expected, other = uncached
    assert np.ptp(expected[::2]) > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    frozen = state.params["backbone"]
    jax.tree.map(np.testing.assert_array_equal, frozen, other.params["backbone"])
    # Its average is exactly itself, so that validation may use the features too.
    jax.tree.map(np.testing.assert_array_equal, frozen, state.ema["params"]["backbone"])


def test_eight_devices_give_the_losses_of_one(uncached, data_dir, folder):
    config = config_of(data_dir, folder, cache_dtype="float32")
    found, _ = losses(config, jax.devices())
    np.testing.assert_allclose(found, uncached[0], rtol=1e-5)


def test_in_half_precision_they_differ_by_the_rounding_of_the_features(uncached, data_dir, folder):
    found, _ = losses(config_of(data_dir, folder))
    rounding = 2**-11  # of float16
    # Independent roundings of 480 features average out; the norm is as sensitive as a derivative.
    np.testing.assert_allclose(found[::2], uncached[0][::2], rtol=rounding)
    np.testing.assert_allclose(found[1::2], uncached[0][1::2], rtol=20 * rounding)


def test_validation_on_features_gives_the_scores_of_the_images(data_dir, folder):
    config = config_of(data_dir, folder, cache_dtype="float32")
    experiment = read_experiment(config, ONE_DEVICE)
    first = compiled.plan_state(experiment)
    state, _ = compiled.restore_or_create(Fresh(), experiment, first)
    features = cached_features(experiment, state, Path("unused/run"), lambda: None)
    preemption = Preemption(StopRequest(), experiment.mesh)

    def scores(validation: Validation) -> dict[str, float]:
        return validation.run(state, 0, NoWriter(), TrainingProgress(0, 1, 1), preemption)

    on_images = scores(Validation(experiment))
    assert {"loss", "KL", "NSS"} <= on_images.keys()
    assert scores(Validation(experiment, features)) == pytest.approx(on_images, rel=1e-5)


def saved(workdir) -> dict:
    return jax.device_get(Checkpoints(workdir / "checkpoints").load(ITEMS, 6))


def lines(workdir) -> list[dict]:
    """The records without what depends on the clock."""
    records = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
    timed = ("images_per_second", "data_wait")
    return [{k: v for k, v in record.items() if k not in timed} for record in records]


def test_a_run_on_features_goes_on_bit_for_bit_with_another_number_of_workers(
    data_dir, tmp_path, capfd
):
    config = config_of(data_dir, None, checkpoint_every=1, keep=9, max_steps=6, pictures=1)
    config.train.cache_features = True  # in their usual place, beside the runs
    config.model.update(timesteps=0, gaussians=0)  # any network will do, and this compiles soonest
    whole, resumed = tmp_path / "runs/whole", tmp_path / "runs/resumed"
    train(config, whole, ONE_DEVICE)
    assert len(list((tmp_path / "runs/features").glob("synthetic-*/features.json"))) == 2
    assert "the features of 102 views take" in capfd.readouterr().err
    shutil.copytree(whole, resumed)
    for step in (5, 6):
        shutil.rmtree(resumed / f"checkpoints/{step}")
    config.data.update(workers=1, threads=1)
    train(config, resumed, ONE_DEVICE)
    assert "features" not in capfd.readouterr().err.replace("runs/features", "")
    left, right = saved(whole), saved(resumed)
    assert jax.tree.structure(left) == jax.tree.structure(right)
    jax.tree.map(np.testing.assert_array_equal, left, right)
    assert lines(resumed) == lines(whole)

"""The loop's contract: resumes bit for bit, stops on a bad loss, keeps the best checkpoint."""

import json
import os
import shutil
import signal

import jax
import numpy as np
import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.files.lock import locked
from samjax.parallel.stop_signals import Stopped
from samjax.prediction.predictor import load_model
from samjax.training import loop, steps
from samjax.training.checkpoint import Checkpoints
from samjax.training.loop import train as train_on
from samjax.training.preemption import Preemption

ITEMS = ("step", "params", "batch_stats", "opt_state", "ema", "best", "best_step")


def train(config, workdir) -> dict[str, float]:
    """Train on one device: the tests of the mesh hold that more give the same."""
    return train_on(config, workdir, jax.devices()[:1])


def without_recurrence(config):
    """The config with a network that compiles sooner, where any will do."""
    config.model.update(timesteps=0, gaussians=0)
    return config


def saved(workdir, step=None) -> dict:
    checkpoints = Checkpoints(workdir / "checkpoints")
    return jax.device_get(checkpoints.load(ITEMS, step))


def lines(workdir) -> list[dict]:
    """The records without what depends on the clock."""
    records = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
    timed = ("images_per_second", "data_wait")
    return [{k: v for k, v in record.items() if k not in timed} for record in records]


def assert_same(left, right):
    assert jax.tree.structure(left) == jax.tree.structure(right)
    jax.tree.map(np.testing.assert_array_equal, left, right)


@pytest.fixture(scope="module")
def whole(trained_workdir, tmp_path_factory):
    """A run of 12 steps, on all devices, that nothing interrupted."""
    workdir = tmp_path_factory.mktemp("whole") / "run"
    shutil.copytree(trained_workdir, workdir)
    return workdir


class SignalAt(Preemption):
    """Sends this process a signal when it asks for the n-th time whether to stop."""

    number, signum = 0, signal.SIGTERM

    def ask(self):
        type(self).number -= 1
        if self.number == 0:
            os.kill(os.getpid(), self.signum)
        return super().ask()


def stopped(monkeypatch, config, workdir, number, signum) -> Stopped:
    """How a training ended that was sent a signal at its n-th question."""
    monkeypatch.setattr(SignalAt, "number", number)
    monkeypatch.setattr(SignalAt, "signum", signum)
    with pytest.raises(Stopped) as caught:
        train_on(config, workdir)
    return caught.value


def test_a_run_stopped_by_signals_goes_on_bit_for_bit_with_another_number_of_workers(
    whole, data_dir, tmp_path, monkeypatch, capfd
):
    config = tiny_config(data_dir)
    monkeypatch.setattr(loop, "Preemption", SignalAt)
    # The first question comes before the first step. Log lines are averages over three steps.
    end = stopped(monkeypatch, config, tmp_path, 3, signal.SIGTERM)
    assert (end.code, end.step) == (143, 2)
    expected = "stopped by SIGTERM: saved at step 2; the same command goes on from there"
    assert capfd.readouterr().err.splitlines()[-1] == expected
    assert lines(tmp_path) == []
    # Step 3, then within its validation: the step is saved, and validated by the next run.
    end = stopped(monkeypatch, config, tmp_path, 3, signal.SIGUSR1)
    assert (end.code, end.step) == (138, 3)
    assert lines(tmp_path) == lines(whole)[:1]
    assert not Checkpoints(tmp_path / "checkpoints").is_scored(3)
    end = stopped(monkeypatch, config, tmp_path, 1, signal.SIGINT)  # before anything is compiled
    assert (end.code, end.step) == (130, 3)

    config.data.update(workers=1, threads=1)
    train_on(config, tmp_path)
    assert_same(saved(tmp_path, 12), saved(whole, 12))
    assert lines(tmp_path) == lines(whole)
    assert Checkpoints(tmp_path / "checkpoints").best_step == saved(whole, 12)["best_step"]


def test_a_folder_where_another_run_writes_is_refused(data_dir, tmp_path):
    refused = rf"{tmp_path} \(process {os.getpid()} on .*\); .* choose another --workdir"
    with locked(tmp_path, ""), pytest.raises(UserError, match=refused):
        train(tiny_config(data_dir), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_finished_run_is_left_alone(whole, data_dir, capsys):
    before = lines(whole)
    train(tiny_config(data_dir), whole)
    assert "already complete at step 12" in capsys.readouterr().err
    assert lines(whole) == before


def test_training_lowers_the_loss(whole):
    losses = [line["loss"] for line in lines(whole) if line["kind"] == "train"]
    assert losses[-1] < losses[0] - 0.5


def test_the_best_checkpoint_stays_and_is_what_predicts(whole):
    workdir = whole
    scores = {line["step"]: line["KL"] for line in lines(workdir) if line["kind"] == "synthetic"}
    best = min(scores, key=scores.get)
    assert Checkpoints(workdir / "checkpoints").best_step == best
    assert load_model(workdir).origin.endswith(f"step {best}")
    assert saved(workdir, 12)["best_step"] == best


def test_the_models_map_is_the_one_that_was_validated(whole, data_dir):
    from samjax.data.mixture import open_mixture
    from samjax.data.pipeline import eval_batches
    from samjax.training.config import build_loss
    from samjax.training.config_file import load_config

    workdir = whole
    config = load_config(workdir)
    model = load_model(workdir)
    (validated,) = open_mixture("synthetic", "validation", data_dir)
    batch = next(eval_batches(validated.source, batch_size=6, canvases=model.canvases))
    output = model.predict_batch(batch["image"])
    values, _ = steps.image_losses(output, batch, build_loss(config))
    best = min(line["KL"] for line in lines(workdir) if line["kind"] == "synthetic")
    assert float(values.kl.mean()) == pytest.approx(best, rel=1e-4)


def test_a_loss_that_is_not_finite_stops_with_the_step_and_the_images(data_dir, tmp_path):
    config = tiny_config(data_dir, learning_rate=1e30, schedule="constant", clip_norm=0.0)
    with pytest.raises(
        UserError, match=r"(loss|gradient_norm) of step \d+ is not finite \(images synthetic/"
    ):
        train(without_recurrence(config), tmp_path)
    assert Checkpoints(tmp_path / "checkpoints").steps == []


def test_training_stops_when_nothing_gets_better(data_dir, tmp_path):
    config = tiny_config(data_dir, learning_rate=0.0, ema_decay=0.0, patience=2, epochs=9.0)
    config.model.norm_statistics = "running"  # so that nothing at all moves
    train(without_recurrence(config), tmp_path)
    evaluated = [line["step"] for line in lines(tmp_path) if line["kind"] == "synthetic"]
    assert evaluated == [3, 6, 9]


def test_a_batch_that_does_not_divide_over_the_devices_is_refused_with_the_remedy(
    data_dir,
    tmp_path,
):
    with pytest.raises(UserError, match=r"batch_size 12 .* 8 devices; set .*batch_size=16"):
        train_on(tiny_config(data_dir, batch_size=12), tmp_path)


def test_another_network_does_not_resume(whole, data_dir):
    config = tiny_config(data_dir, epochs=5.0)
    config.model.features = 12
    with pytest.raises(UserError, match="choose another --workdir"):
        train(config, whole)


def test_another_setting_that_changes_no_shape_does_not_resume_either(whole, data_dir):
    before = (whole / "config.json").read_bytes()
    config = tiny_config(data_dir, epochs=5.0)
    config.model.update(timesteps=1, readout="relu")
    message = r"model.readout 'density' -> 'relu', model.timesteps 2 -> 1; .*--restart"
    with pytest.raises(UserError, match=message):
        train(config, whole)
    assert (whole / "config.json").read_bytes() == before

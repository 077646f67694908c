"""The loop's contract: resumes bit for bit, stops on a bad loss, keeps the best checkpoint."""

import json

import jax
import numpy as np
import pytest
from tiny_training import data_dir, tiny_config  # noqa: F401, a fixture

from samjax.errors import UserError
from samjax.prediction.predictor import load_model
from samjax.training import steps
from samjax.training.checkpoint import Checkpoints
from samjax.training.loop import train

ITEMS = ("step", "params", "batch_stats", "opt_state", "ema", "best", "best_step")


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
def whole(data_dir, tmp_path_factory):  # noqa: F811
    """A run of 12 steps that nothing interrupted."""
    workdir = tmp_path_factory.mktemp("whole")
    results = train(tiny_config(data_dir), workdir)
    return workdir, results


@pytest.mark.parametrize("workers", [0, 1])
def test_a_stopped_run_goes_on_bit_for_bit(whole, data_dir, tmp_path, workers):  # noqa: F811
    train(tiny_config(data_dir, max_steps=6), tmp_path)
    config = tiny_config(data_dir)
    config.data.update(workers=workers, threads=1)
    train(config, tmp_path)
    assert_same(saved(tmp_path, 12), saved(whole[0], 12))
    assert lines(tmp_path) == lines(whole[0])


def test_a_finished_run_is_left_alone(whole, data_dir, capsys):  # noqa: F811
    before = lines(whole[0])
    train(tiny_config(data_dir), whole[0])
    assert "already complete at step 12" in capsys.readouterr().err
    assert lines(whole[0]) == before


def test_training_lowers_the_loss(whole):
    losses = [line["loss"] for line in lines(whole[0]) if line["kind"] == "train"]
    assert losses[-1] < losses[0] - 0.5


def test_the_best_checkpoint_stays_and_is_what_predicts(whole):
    workdir, _ = whole
    scores = {line["step"]: line["KL"] for line in lines(workdir) if line["kind"] == "synthetic"}
    best = min(scores, key=scores.get)
    assert Checkpoints(workdir / "checkpoints").best_step == best
    assert load_model(workdir).origin.endswith(f"step {best}")
    assert saved(workdir, 12)["best_step"] == best


def test_the_models_map_is_the_one_that_was_validated(whole, data_dir):  # noqa: F811
    from samjax.data.pipeline import eval_batches
    from samjax.training import config as experiment

    workdir, _ = whole
    config = experiment.load_config(workdir)
    model = load_model(workdir)
    source, _ = experiment.build_sources("synthetic", "validation", str(data_dir))["synthetic"]
    batch = next(eval_batches(source, batch_size=6, canvases=model.canvases))
    output = model.predict_batch(batch["image"])
    values, _ = steps._per_image(output, batch, experiment.build_loss_weights(config), (), False)
    best = min(line["KL"] for line in lines(workdir) if line["kind"] == "synthetic")
    assert float(values.kl.mean()) == pytest.approx(best, rel=1e-4)


def test_a_loss_that_is_not_finite_stops_with_the_step_and_the_images(data_dir, tmp_path):  # noqa: F811
    config = tiny_config(data_dir, learning_rate=1e30, schedule="constant", clip_norm=0.0)
    with pytest.raises(
        UserError, match=r"(loss|gradient_norm) of step \d+ is not finite \(images synthetic/"
    ):
        train(config, tmp_path)
    assert Checkpoints(tmp_path / "checkpoints").steps == []


def test_training_stops_when_nothing_gets_better(data_dir, tmp_path):  # noqa: F811
    config = tiny_config(data_dir, learning_rate=0.0, ema_decay=0.0, patience=2, epochs=9.0)
    config.model.norm_statistics = "running"  # so that nothing at all moves
    train(config, tmp_path)
    evaluated = [line["step"] for line in lines(tmp_path) if line["kind"] == "synthetic"]
    assert evaluated == [3, 6, 9]


def test_a_batch_that_does_not_divide_over_the_devices_is_refused_with_the_remedy(
    data_dir,  # noqa: F811
    tmp_path,
):
    with pytest.raises(UserError, match=r"batch_size 12 .* 8 devices; set .*batch_size=16"):
        train(tiny_config(data_dir, batch_size=12), tmp_path)


def test_another_network_does_not_resume(whole, data_dir):  # noqa: F811
    config = tiny_config(data_dir, epochs=5.0)
    config.model.features = 12
    with pytest.raises(UserError, match="choose another --workdir"):
        train(config, whole[0])


def test_changing_timesteps_resumes(data_dir, tmp_path):  # noqa: F811
    train(tiny_config(data_dir, max_steps=3), tmp_path)
    config = tiny_config(data_dir, max_steps=4)
    config.model.timesteps = 4
    train(config, tmp_path)
    assert Checkpoints(tmp_path / "checkpoints").latest_step() == 4

"""An experiment is built once from its config, and wholly checked before any work begins."""

import jax
import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.models import backend
from samjax.training.config import read_experiment
from samjax.training.loop import train

ONE_DEVICE = jax.devices()[:1]


def test_an_experiment_holds_what_its_config_says(data_dir):
    experiment = read_experiment(tiny_config(data_dir), ONE_DEVICE)
    assert (experiment.input_size, experiment.canvases[0].map) == ((32, 40), (16, 20))
    assert experiment.plan == (12, 3, 3)
    assert (experiment.loading.batch_size, experiment.loading.local_batch_size) == (8, 8)
    assert [entry.name for entry in experiment.training] == ["synthetic"]
    assert len(experiment.validation[0].source) == 6
    assert experiment.model.timesteps == 2
    assert experiment.model.backend == backend.CPU
    assert experiment.start == ("", "", False)


def test_the_plan_is_cut_short_by_max_steps(data_dir):
    assert read_experiment(tiny_config(data_dir, max_steps=5), ONE_DEVICE).plan.steps == 5


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("train.monitor", "AUC", "train.monitor 'AUC' is unknown"),
        ("train.optimizer", "sgd", "optimizer 'sgd' is unknown"),
        ("train.schedule", "cosine", "schedule 'cosine' is unknown"),
        ("model.dtype", "float16", "float32 or bfloat16"),
        ("loss.timestep_weights", (1.0,), "1 values for 2 timesteps"),
        ("data.validation", "nothing", "'nothing' is not prepared"),
        ("data.train_split", "tain", "has no split 'tain'"),
        ("augment.rotation", 90.0, "rotation 90"),
    ],
)
def test_a_wrong_value_is_refused_before_the_work_folder_is_made(
    data_dir, tmp_path, field, value, message
):
    config = tiny_config(data_dir)
    section, name = field.split(".")
    config[section][name] = value
    with pytest.raises(UserError, match=message):
        train(config, tmp_path / "work", ONE_DEVICE)
    assert not (tmp_path / "work").exists()

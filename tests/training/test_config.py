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
        ("train.monitor", "AUC", "train.monitor='AUC' is not allowed"),
        ("train.optimizer", "sgd", "train.optimizer='sgd' is not allowed"),
        ("train.schedule", "cosine", "train.schedule='cosine' is not allowed"),
        ("model.dtype", "float16", "float32 or bfloat16"),
        ("loss.timestep_weights", (1.0,), "1 values for 2 timesteps"),
        ("data.validation", "nothing", "'nothing' is not prepared"),
        ("data.train_split", "tain", "has no split 'tain'"),
        (
            "data.train_split",
            "train[:0%]",
            r"^data.train: 'train\[:0%\]' .* slice without images",
        ),
        ("data.train_split", "train[90%:10%]", "is a slice without images"),
        ("data.subjects", (1, 99), "has no subject 99 in train; it has 0 to 3"),
        ("train.accumulate", 13, "less than one update of train.accumulate=13"),
        ("augment.rotation", 90.0, "augment.rotation=90"),
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


def test_an_epoch_of_fewer_images_than_a_batch_is_a_part_of_a_step(data_dir):
    plan = read_experiment(tiny_config(data_dir, batch_size=48, epochs=10.0), ONE_DEVICE).plan
    assert plan == (5, 0.5, 1)  # of 24 images


def test_subjects_of_the_data_are_accepted(data_dir):
    config = tiny_config(data_dir)
    config.data.subjects = (0, 3)
    assert len(read_experiment(config, ONE_DEVICE).training[0].source) == 24


def test_boundaries_on_the_same_update_are_refused(data_dir):
    config = tiny_config(data_dir, schedule="staircase", boundaries=(1.0, 1.1))
    with pytest.raises(UserError, match=r"are updates \(3, 3\), so two are the same"):
        read_experiment(config, ONE_DEVICE)


def test_a_training_of_less_than_one_step_is_refused(data_dir):
    config = tiny_config(data_dir, epochs=0.1, schedule="constant")
    with pytest.raises(UserError, match=r"train.epochs=0.1 over 24 images .* less than one step"):
        read_experiment(config, ONE_DEVICE)

"""Weights come from the best checkpoint of a work folder, as it was made, or not at all."""

import json
import shutil

import jax
import numpy as np
import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.training.checkpoint import Checkpoints
from samjax.training.config_file import CONFIG, load_config, save_config
from samjax.training.record import RECORD, DamagedError, read_record, write_record
from samjax.training.restore import read_config, read_weights


@pytest.fixture
def workdir(trained_workdir, tmp_path):
    """A copy of a trained work folder, to be changed."""
    return shutil.copytree(trained_workdir, tmp_path / "run")


def best(workdir):
    checkpoints = Checkpoints(workdir / "checkpoints")
    return checkpoints.folder / str(checkpoints.best_step)


def test_a_work_folder_without_a_checkpoint_is_refused(data_dir, tmp_path):
    save_config(tiny_config(data_dir), tmp_path)
    with pytest.raises(UserError, match="has no checkpoint yet; train into it first"):
        read_weights(tmp_path)
    assert read_config(tmp_path) == tiny_config(data_dir)


def test_a_folder_that_is_no_work_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="is no work folder"):
        read_weights(tmp_path)
    with pytest.raises(UserError, match="is no work folder"):
        read_config(tmp_path)


@pytest.mark.parametrize("text", ["", "{", json.dumps({"model": {"readout": "relu"}})])
def test_the_checkpoints_own_config_counts(workdir, text):
    right = read_weights(workdir)
    config = load_config(workdir)
    (workdir / CONFIG).write_text(text)
    read = read_weights(workdir)
    assert (read.model, read.input_size) == (right.model, right.input_size)
    assert read_config(workdir) == config


def test_the_best_one_has_no_stand_in_where_it_is_damaged(workdir):
    folder = best(workdir)
    max((folder / "ema").rglob("*"), key=lambda path: path.stat().st_size).write_bytes(b"")
    message = rf"{folder} is damaged: ema/.* has 0 bytes, .* give the training command again"
    with pytest.raises(DamagedError, match=message):
        read_weights(workdir)


@pytest.mark.parametrize("item", ["ema", "opt_state"])
def test_what_is_missing_matters_where_it_is_read(workdir, item):
    shutil.rmtree(best(workdir) / item)
    if item == "ema":
        with pytest.raises(DamagedError, match=r"ema/.* is missing"):
            read_weights(workdir)
    else:
        assert read_weights(workdir).kind == "sam"


def rewritten(workdir, change):
    """Replace the best checkpoint by a whole one with other values."""
    folder = best(workdir)
    items = ("params", "batch_stats", "ema")
    checkpoints = Checkpoints(workdir / "checkpoints")
    loaded = {name: change(name, value) for name, value in checkpoints.load(items, 12).items()}
    from samjax.training import item_files

    about = read_record(folder)
    shutil.rmtree(folder)
    item_files.save(folder, {k: v for k, v in loaded.items() if v}).result()
    write_record(folder, about)


def test_values_that_are_not_finite_are_refused(workdir):
    rewritten(workdir, lambda _, tree: jax.tree.map(lambda a: np.asarray(a) * np.nan, tree))
    with pytest.raises(DamagedError, match="has values that are not finite"):
        read_weights(workdir)


def test_a_moving_average_that_was_kept_is_not_replaced_by_the_parameters(workdir):
    rewritten(workdir, lambda name, tree: {} if name == "ema" else tree)
    with pytest.raises(DamagedError, match="the moving average of its parameters, is missing"):
        read_weights(workdir)


def test_a_damaged_record_is_told_with_the_remedy(workdir):
    (best(workdir) / RECORD).write_text("{}")
    with pytest.raises(DamagedError, match="it is or may be the best one"):
        read_weights(workdir)
    assert read_config(workdir) == load_config(workdir)

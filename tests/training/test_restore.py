"""Weights come from the best checkpoint of a work folder, or what is missing is said."""

import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.training.config_file import save_config
from samjax.training.restore import read_weights


def test_a_work_folder_without_a_checkpoint_is_refused(data_dir, tmp_path):
    save_config(tiny_config(data_dir), tmp_path)
    with pytest.raises(UserError, match="has no checkpoint yet; train into it first"):
        read_weights(tmp_path)


def test_a_folder_that_is_no_work_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="is no work folder"):
        read_weights(tmp_path)

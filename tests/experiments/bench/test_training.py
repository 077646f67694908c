"""The training of a GPU's run takes the time that is left, and its last scores are read."""

import pytest

from experiments.bench.training import epochs_that_fit, last_rows
from samjax.errors import UserError


def test_the_epochs_fill_the_time_and_too_few_are_refused():
    assert epochs_that_fit(180) == 16
    with pytest.raises(UserError, match="a training needs 120 s, 90 s are left"):
        epochs_that_fit(90.5)


def test_the_last_row_of_each_kind_counts(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text(
        '{"step": 1, "kind": "train", "loss": 3.0}\n'
        '{"step": 1, "kind": "osie", "NSS": 1.0}\n'
        '{"step": 2, "kind": "osie", "NSS": 2.0}\n'
    )
    assert last_rows(path) == {"train": {"step": 1, "loss": 3.0}, "osie": {"step": 2, "NSS": 2.0}}
    assert last_rows(tmp_path / "nothing.jsonl") == {}

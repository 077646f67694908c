"""A model with viewing times is scored against the fixations of each time."""

import pytest
from tiny_model import save_tiny_model, tiny_model

from experiments.viewing_times import DIFFERENCE, OTHER, TIMED, compare
from samjax.data.sources import open_dataset
from samjax.errors import UserError
from samjax.evaluation.evaluate import evaluate
from samjax.prediction.predictor import load_model


def test_each_time_has_the_scores_of_its_own_fixations(data_dir, tmp_path):
    file = tmp_path / "times.safetensors"
    timed = load_model(save_tiny_model(file, viewing_times_ms=(300.0, 1e4), timesteps=2))
    other = tiny_model()
    rows = list(compare(timed, other, open_dataset("synthetic", data_dir), "validation"))
    assert [row["viewing_time_ms"] for row in rows] == [300.0, 1e4]
    options = {"data_dir": data_dir, "names": ("NSS",), "baselines": False, "trials": 0}
    for timestep, row in enumerate(rows, 1):
        for model, name, steps in ((timed, TIMED, timestep), (other, OTHER, None)):
            until = row["viewing_time_ms"]
            expected = evaluate(
                model, "synthetic", "validation", timesteps=steps, until_ms=until, **options
            )
            found = row[name]["NSS"]["mean"]
            assert found == pytest.approx(expected["scores"]["model"]["NSS"]["mean"], rel=1e-4)
        difference = row[TIMED]["NSS"]["mean"] - row[OTHER]["NSS"]["mean"]
        assert row[DIFFERENCE]["NSS"]["mean"] == pytest.approx(difference)
    assert rows[0][OTHER] != rows[1][OTHER]  # the same maps against other fixations


def test_a_model_without_times_is_refused(data_dir):
    dataset = open_dataset("synthetic", data_dir)
    with pytest.raises(UserError, match="not trained with viewing times"):
        next(compare(tiny_model(), tiny_model(), dataset, "validation"))

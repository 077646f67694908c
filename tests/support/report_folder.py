"""A tiny ablation, trained and evaluated for real, with its report."""

import json
import re
from types import SimpleNamespace

import pytest
from tiny_training import prepare, tiny_config

from experiments.ablation import run
from samjax.cli import main
from samjax.evaluation.evaluate import evaluate
from samjax.prediction.predictor import load_model


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The work folder of an ablation with T = 1, 2, and its report."""
    home = prepare(tmp_path_factory.mktemp("scenes"))
    workdir = tmp_path_factory.mktemp("runs") / "an <ablation> & more"
    run.timesteps(tiny_config(home, epochs=1.0, log_every=1), workdir, (1, 2), mode="retrain")
    point = workdir / "points/model.timesteps=2,train.seed=0"
    options = {"data_dir": home, "workdir": point, "trials": 0}
    evaluate(load_model(point), "synthetic", "validation", **options)
    assert main(["report", str(workdir), "--images", "4"]) == 0
    page = workdir / "report/index.html"
    found = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])
    return SimpleNamespace(workdir=workdir, point=point, home=home, page=page, data=found)

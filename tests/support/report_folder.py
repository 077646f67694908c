"""The tiny ablation with a full evaluation of its last model, and the page about it."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from ablated import Ablated
from trained import build_once

from samjax.cli import main
from samjax.evaluation.evaluate import evaluate
from samjax.prediction.predictor import load_model

SHOWN_IMAGES = 4


@dataclass
class ReportFolder:
    """An ablation's folder, the folder of the model that its page shows, and the page.

    Attributes:
        workdir: The folder of the ablation.
        point: The work folder of the model.
        page: The HTML file.
    """

    workdir: Path
    point: Path
    page: Path

    @property
    def gallery(self) -> dict:
        """The data of the page's gallery."""
        text = self.page.read_text()
        match = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
        assert match is not None
        return json.loads(match[1])


@pytest.fixture(scope="session")
def report_folder(
    scenes: Path, ablated: Ablated, tmp_path_factory: pytest.TempPathFactory
) -> ReportFolder:
    """The folder with its page. It is shared: a test that changes anything copies it before."""
    name, point = ablated.workdir.name, "points/model.timesteps=2,train.seed=1"

    def build(folder: Path) -> None:
        workdir = folder / name
        shutil.copytree(ablated.workdir, workdir)
        model = load_model(workdir / point)
        options = {"data_dir": scenes, "workdir": workdir / point, "trials": 0}
        evaluate(model, "synthetic", "validation", **options)
        assert main(["report", str(workdir), "--images", str(SHOWN_IMAGES)]) == 0

    workdir = build_once(tmp_path_factory, "report", build) / name
    return ReportFolder(workdir, workdir / point, workdir / "report/index.html")

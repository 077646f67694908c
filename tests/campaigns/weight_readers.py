"""Readers of weights, and of the files of a work folder."""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "support"))

import numpy as np
from tiny_model import save_tiny_model
from torch_files import write_old_torch, write_torch
from weight_files import VGG_TINY, network, write_original

from samjax.evaluation.score_report import IDENTITY, read_per_image
from samjax.evaluation.score_table import sigma_text
from samjax.files.json_file import read_json
from samjax.report.curves import make_charts, read_metrics
from samjax.report.page import best_methods, difference, estimate, headline
from samjax.report.summary_check import check_evaluation
from samjax.training.config_file import load_config
from samjax.weights import original
from samjax.weights.load import load_file
from samjax.weights.tensors import read
from samjax.weights.torch_file import read_torch
from tests.campaigns.readers import Reader


def _original(path: Path) -> None:
    write_original(path, VGG_TINY, network("vgg_tiny").layers)


def _torch(path: Path) -> None:
    write_torch(path, {"a.weight": np.ones((3, 2, 4, 4), np.float32)})


def _old_torch(path: Path) -> None:
    write_old_torch(path, {"a.weight": np.ones((3, 2, 4, 4), np.float32)})


def _read_torch(path: Path) -> None:
    for tensor in read_torch(path).values():
        read(tensor, (3, 2, 4, 4))


def _metrics(path: Path) -> None:
    lines = [{"step": 3 * k, "kind": "train", "loss": 1 / (k + 1), "NSS": k} for k in range(9)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _per_image(path: Path) -> None:
    head = ",".join(("image_id", "NSS", "CC", *IDENTITY))
    path.write_text(head + "\n" + "".join(f"i{k},{k}.5,.5" + ",x" * 7 + "\n" for k in range(9)))


def _evaluation(path: Path) -> None:
    estimate = {"mean": 0.5, "low": 0.4, "high": 0.6, "images": 9}
    summary = {"dataset": "osie", "split": "validation", "convention": "mit", "images": 9}
    summary |= {"sigma": {"pixels": 24.0, "fraction": None, "screen": None}}
    summary |= {"scores": {"model": {"NSS": estimate}, "uniform": {"NSS": estimate}}}
    summary |= {"difference": {"NSS": estimate | {"baseline": "uniform"}}}
    path.write_text(json.dumps(summary))


def _read_evaluation(path: Path) -> None:
    summary = check_evaluation(read_json(path), path, "model")
    headline([summary])
    best_methods(summary)
    # An evaluation without baselines has no differences.
    differences = summary.get("difference", {})
    for value in [*summary["scores"]["model"].values(), *differences.values()]:
        estimate(value)
        difference(value)
    sigma_text(summary["sigma"])


def _config(path: Path) -> None:
    from configs import demo

    path.mkdir()
    (path / "config.json").write_text(json.dumps(demo.get_config().to_dict()))


READERS = (
    Reader("weights-safetensors", "a.safetensors", save_tiny_model, load_file),
    Reader("weights-original", "a.pkl", _original, lambda path: original.load(path, VGG_TINY)),
    Reader("weights-torch", "a.pth", _torch, _read_torch),
    Reader("weights-old-torch", "a.pth", _old_torch, _read_torch),
    Reader("workdir-metrics", "m.jsonl", _metrics, lambda path: make_charts(read_metrics(path))),
    Reader("workdir-config", "run", _config, load_config),
    Reader("workdir-evaluation", "a.json", _evaluation, _read_evaluation),
    Reader("scores-csv", "a.csv", _per_image, read_per_image),
)

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
from samjax.files.json_file import read_json
from samjax.report.curves import make_charts, read_metrics
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
    Reader("workdir-json", "a.json", lambda p: p.write_text('{"scores": {"a": [1]}}'), read_json),
    Reader("scores-csv", "a.csv", _per_image, read_per_image),
)

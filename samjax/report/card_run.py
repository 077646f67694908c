"""What the files of a work folder tell for the card of its model."""

import re
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from samjax.files.json_file import read_json
from samjax.report.card_data import datasets_of
from samjax.report.card_facts import SPEED
from samjax.report.card_lineage import ancestors_of, ingredients_of, merge
from samjax.report.workfolder import read_evaluations
from samjax.training.restore import read_config
from samjax.weights import Pretrained

PLACES = ("data_dir",)
"""Fields of a config that say where files are on somebody's machine, and so are left out."""


def of_workdir(workdir: Path, weights: Pretrained) -> dict[str, Any]:
    """Return what the files of a work folder tell, by the names in `card_facts`."""
    config = read_config(workdir)
    ancestors = ancestors_of(config)
    speed = workdir / SPEED
    return {
        "name": workdir.resolve().name,
        "run": {"step": step_of(weights.origin), "config": shown_config(config)},
        "data": datasets_of(config),
        "ingredients": merge(ingredients_of(config), *(a["ingredients"] for a in ancestors)),
        "ancestors": [{key: a[key] for key in ("name", "how", "data")} for a in ancestors],
        "scores": read_scores(workdir, weights.origin),
        "speed": read_json(speed) if speed.is_file() else [],
    }


def step_of(origin: str) -> int | None:
    """Return the step of a checkpoint from the origin of its weights, None if it names none."""
    match = re.search(r", step (\d+)$", origin)
    return int(match[1]) if match else None


def shown_config(config: ConfigDict) -> dict[str, Any]:
    """Return a config as others may see it: paths on this machine are cut to their last part."""

    def shown(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shown(v) for name, v in value.items() if name not in PLACES}
        if isinstance(value, tuple | list):
            return [shown(v) for v in value]
        if isinstance(value, str) and value.startswith(("/", "~", ".", "\\")):
            return Path(value).name
        return value

    return shown(config.to_dict())


def read_scores(workdir: Path, origin: str) -> list[dict[str, Any]]:
    """Return the evaluations of a work folder, shortened.

    Each has `dataset`, `split`, `convention`, `images`, `level` (of the intervals), `weights` (what
    was evaluated), `same_weights` (whether that is the checkpoint at hand), `postprocess`, and
    `methods`: by method and metric [mean, low, high]; the model is the method `model`.
    """
    return [_shortened(summary, origin) for summary in read_evaluations(workdir)]


def _shortened(summary: dict[str, Any], origin: str) -> dict[str, Any]:
    """Return what a card shows of the summary of an evaluation."""
    evaluated = summary.get("weights", "")
    return {
        **{key: summary[key] for key in ("dataset", "split", "convention", "images")},
        "level": summary.get("bootstrap", {}).get("level"),
        "weights": evaluated,
        "same_weights": step_of(evaluated) == step_of(origin),
        "postprocess": summary.get("postprocess", "none"),
        "methods": {
            method: {
                metric: [estimate.get(key) for key in ("mean", "low", "high")]
                for metric, estimate in summary["scores"][method].items()
            }
            for method in summary["scores"]
        },
    }
